"""How a rule says no: the step of AAT-02 section 8, or an outcome of our profile, and the link."""


class Refused(Exception):
    """`step` is a label of section 8, or "" for a rule of our profile, named by its outcome."""

    def __init__(self, step, says="", *, outcome="", hop=None):
        super().__init__(f"{step or outcome}: {says}")
        self.step = step
        self.says = says
        self.outcome = outcome
        self.hop = hop


def ensure(condition, step, says="", **more):
    if not condition:
        raise Refused(step, says, **more)
