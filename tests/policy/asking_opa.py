"""Tests of tests/policy/remote: real OPA, and the engines together."""

import re
import time

from engines import ROOT, permit, reply
from stage import GRANT, TOOLS

NOT_AT_ALL = """
default decision = {"allow": false, "policies": ["nothing"]}
decision = {"allow": true, "policies": ["reads"]} {
    input.action != "call"
} else = {"allow": true, "policies": ["reads"]} {
    input.tool.effect == "read"
    input.agents[count(input.agents) - 1].role == "retriever"
    input.tool.audience == "https://files.example"
}
"""


def opa_judges_by_its_document(stage):
    stage.opa.set_policy(NOT_AT_ALL)
    stage.must_permit()
    said = stage.must_deny("policy_denied", "opa:nothing", tool="write_file")
    decision = re.search(r"its decision ([0-9a-f-]{36})", said)[1]
    assert decision in (stage.writ.scratch / "opa.log").read_text()


def the_example_of_the_documentation_does_what_it_says(stage):
    text = (ROOT / "api/examples/policies/office.rego").read_text()
    assert text.partition("package writ")[2] in (ROOT / "api/docs/engines.md").read_text()
    stage.opa.set_policy(text.partition("package writ")[2])
    stage.must_permit(child=stage.delegate())
    stage.must_deny("policy_denied", "opa:default", tool="write_file")


def opa_may_say_only_true_or_false(stage):
    stage.opa.set_policy('decision { input.tool.name == "read_file" }')
    stage.must_permit()
    stage.must_deny("policy_error", "undefined", tool="write_file")
    stage.opa.set_policy("decision = false")
    stage.must_deny("policy_denied", "forbidden by policy opa")


def what_opa_can_not_answer_denies(stage):
    """Undefined, of another type, in conflict, in error: also where a rule that denies fails."""
    for policy in (
        "other = true",
        'decision = "true"',
        "decision = 1",
        "decision = [true]",
        'decision = {"allow": "yes"}',
        'decision = {"allowed": true}',
        'decision = {"allow": true, "unless": "it is late"}',
        "decision { input.depth > 0 }\ndecision = false { input.depth > 0 }",
        "default decision = true\ndecision = false { to_number(input.tool.name) > 0 }",
        'decision { http.send({"method": "get", "url": "http://127.0.0.1:1/"}) }',
    ):
        stage.opa.set_policy(policy)
        stage.must_deny("policy_error", "policy engine opa")
    stage.honest()
    stage.must_permit()


def opa_asks_for_an_approval(stage):
    stage.opa.set_policy(
        'decision = {"allow": true, "policies": ["large"], '
        '"obligations": [{"type": "approval", "approvers": ["finance"], "quorum": 1}]}'
    )
    child = stage.delegate()
    words = {"child": child, "tool": "write_file"}
    approval = stage.must_deny("approval_required", **words).split()[-1]
    stage.writ.run(f"approval approve {approval} --approver ann --key ann.jwk", stdin="yes\n")
    stage.must_permit(words=f"--approval {approval}", **words)


def opa_is_told_who_has_approved(stage):
    child = stage.delegate()
    stage.opa.set_policy(
        'decision = {"allow": nobody, "policies": ["large"], '
        '"obligations": [{"type": "approval", "approvers": ["finance"]}]}\n'
        "nobody = count(input.approvals) == 0"
    )
    words = {"child": child, "tool": "write_file"}
    approval = stage.must_deny("approval_required", **words).split()[-1]
    stage.writ.run(f"approval approve {approval} --approver ann --key ann.jwk", stdin="yes\n")
    stage.must_deny("policy_denied", words=f"--approval {approval}", **words)


def both_have_to_permit(stage):
    stage.opa.set_policy('decision = {"allow": false, "policies": ["opa_says"]}')
    stage.must_deny("policy_denied", "opa:opa_says")
    stage.honest()
    stage.pdp.manner = lambda *_: reply({"decision": False, "context": {"policies": ["pdp"]}})
    stage.must_deny("policy_denied", "authzen:pdp")
    stage.honest()
    policy = stage.writ.scratch / "forbid.cedar"
    policy.write_text('@id("cedar_says") forbid(principal, action, resource);')
    stage.writ.run(f"policy put {policy}")
    stage.pdp.questions.clear()
    stage.must_deny("policy_denied", "cedar_says")
    assert not stage.pdp.questions, "what is denied here is asked of nobody"
    policy.write_text('@id("all") permit(principal, action, resource);')
    stage.writ.run(f"policy put {policy}")
    stage.await_permit()
    assert stage.pdp.questions


def the_record_says_what_each_engine_said(stage):
    stage.opa.set_policy('decision = {"allow": true, "policies": ["a"], "version": "7"}')
    stage.pdp.manner = lambda *_: reply({"decision": True, "context": {"id": "d-9"}})
    wanted = [
        {"engine": "opa", "answer": "permitted", "policies": ["a"], "version": "7"},
        {"engine": "authzen", "answer": "permitted", "decision_id": "d-9"},
    ]
    child = stage.child
    peeks = stage.writ.run("task open engines --narrow --grant peek")
    for tool, words in (("read_file", {"child": child}), ("peek", {"child": peeks})):
        for _ in range(2):
            said = stage.must_permit(tool=tool, **words)
        assert engines_of(stage, said, ("opa",)) == wanted
    stage.pdp.manner = lambda *_: reply({"decision": None})
    said = stage.must_deny("policy_error", child=child)
    assert engines_of(stage, said, ("opa",)) == [
        wanted[0],
        {"engine": "authzen", "answer": "failed"},
    ]


def engines_of(stage, said, with_own_ids):
    """Of the decision that was printed last, once it is recorded; without ids that nobody chose."""
    wanted = re.search("[0-9a-f]{8}-[0-9a-f-]{27}", said)[0]
    for _ in range(100):
        listed = stage.writ.json("decision list")
        found = [each for each in listed if each["id"] == wanted]
        if found:
            engines = found[0]["policy_engines"]
            for each in engines:
                if each["engine"] in with_own_ids:
                    assert re.fullmatch("[0-9a-f-]{36}", each.pop("decision_id"))
                    assert each.pop("bundles", {}) == {}
            return engines
        time.sleep(0.05)
    raise TimeoutError("it is not recorded")


def a_label_is_lowered_only_if_all_agree(stage):
    root = stage.writ.run("task open engines --grant", GRANT)
    wish = f"task declassify {root} --to 'public, trusted' --reason harmless"
    stage.must_permit(child=root)
    stage.pdp.questions.clear()
    stage.pdp.manner = lambda *_: reply({"decision": False})
    stage.writ.run(wish, status=3)
    assert "policy_denied" in stage.writ.errors, stage.writ.errors
    (_, _, question) = stage.pdp.questions[-1]
    assert question["action"] == {"name": "declassify"}
    assert question["resource"] == {"type": "task", "id": question["context"]["task"]["id"]}
    stage.honest()
    stage.opa.set_policy('decision { input.action != "declassify" }')
    stage.writ.run(wish, status=1)
    assert "policy_error" in stage.writ.errors, stage.writ.errors


def a_call_does_not_wait_for_who_is_asked_about_the_label_of_its_task(stage):
    root = stage.writ.run("task open engines --grant", GRANT)
    stage.must_permit(child=root)
    (proof,) = stage.proofs("write_file", root, 1)
    meanwhile = []

    def called_while_asked(question, connection):
        if question["action"]["name"] == "declassify":
            meanwhile.append(stage.validate("write_file", proof))
        return permit(question, connection)

    stage.pdp.manner = called_while_asked
    stage.writ.run(f"task declassify {root} --to 'public, trusted' --reason harmless", status=3)
    # It would have waited for the call, which waits for it, until it is too late for the engine.
    assert "approval_required" in stage.writ.errors, stage.writ.errors
    assert meanwhile and "start_by" in meanwhile[0], meanwhile


def a_grant_of_more_tools_than_may_be_asked_about_at_once_passes(stage):
    stage.pdp.questions.clear()
    assert stage.writ.run("task open engines --grant", ", ".join(TOOLS))
    asked = [question.get("evaluations", [question]) for _, _, question in stage.pdp.questions]
    assert len(asked) > 1 and max(map(len, asked)) <= 64, [len(each) for each in asked]
    assert sum(map(len, asked)) == len(TOOLS)


def the_first_tools_without_an_answer_are_the_last_that_are_asked_about(stage):
    stage.pdp.questions.clear()
    stage.pdp.manner = lambda *_: reply({})
    stage.writ.run("task open engines --grant", ", ".join(TOOLS), status=1)
    assert "policy_error" in stage.writ.errors, stage.writ.errors
    assert len(stage.pdp.questions) == 1


def a_tool_that_sends_without_saying_where_to_is_told_to_send(stage):
    stage.opa.set_policy("decision { not input.tool.sends }")
    stage.writ.run("task open engines --grant blast", status=1)
    assert "undefined" in stage.writ.errors, stage.writ.errors


def opa_that_ends_denies(stage):
    stage.opa.end()
    stage.must_deny("policy_error", "policy engine opa: it can not be reached")
