"""Recorded user tasks as runs of three agents: what each may do, and how it calls.

A planner gets the task. It may pass everything on and call nothing. A retriever gets the reading
tools, an executor the writing ones. All keys are managed: the service signs for the authenticated
agent that shows the handle of its delegation.
"""

import json
import re
from pathlib import Path

from writ_http import Refused

RUNS = Path(__file__).resolve().parents[2] / "tests/runs/agentdojo-workspace-travel.json"
PRINCIPAL = "emma@example.com"

# A grant comes in three strengths.
BY_NAME = "by name"  # tools only, any argument
BY_PROMPT = "by prompt"  # destinations pinned where the user's prompt names them
BY_RECORD = "by record"  # destinations pinned from the recorded calls: it knows the future

# The destination of a tool: the arguments that decide where data goes or what is changed. Who
# chooses them decides what the call can do to others, so these are what a grant pins. Texts,
# titles, times and permissions are left open: the model writes them. Reading tools have none.
# kind: address (of a person), name (a person would quote it), id (nobody knows it beforehand).
DESTINATIONS = {
    "send_email": {"recipients": "address"},  # who gets the mail
    "create_calendar_event": {"participants": "address"},  # an invitation is mailed to each
    "add_calendar_event_participants": {"participants": "address", "event_id": "id"},
    "share_file": {"email": "address", "file_id": "id"},  # who gets to see what
    "reserve_hotel": {"hotel": "name"},  # who gets the booking, and the money
    "create_file": {"filename": "name"},  # nothing leaves, but the file is there
    "append_to_file": {"file_id": "id"},
    "delete_file": {"file_id": "id"},
    "delete_email": {"email_id": "id"},
    "reschedule_calendar_event": {"event_id": "id"},
}
# The one argument of a tool that sends data out, as the registry knows it.
SENDS_TO = {
    "send_email": "recipients",
    "create_calendar_event": "participants",
    "add_calendar_event_participants": "participants",
    "share_file": "email",
    "reserve_hotel": "hotel",
}


class Suite:
    """One suite of recorded tasks, its tools, and the audience that serves them."""

    def __init__(self, name, data):
        self.name = name
        self.audience = f"https://{name}.example"
        self.effects = {tool: facts["effect"] for tool, facts in data["tools"].items()}
        self.tasks = {task["id"]: task for task in data["user_tasks"]}
        self.attacks = [goal for goal in data["injection_tasks"] if goal["calls"]]
        for task in self.tasks.values():
            task["calls"] = task["calls"] or []
            task["prompt"] = " ".join(task["prompt"].split())
        self._calls = [
            call
            for task in data["user_tasks"] + data["injection_tasks"]
            for call in task["calls"] or []
        ]

    def arguments(self, tool):
        """The arguments of a tool, each with whether some recorded call does without it.

        Attackers' calls count too, so that none is refused for an argument nobody else used."""
        calls = [call["args"] for call in self._calls if call["tool"] == tool]
        names = sorted({name for args in calls for name in args})
        return {name: not all(name in args for args in calls) for name in names}

    def is_read(self, tool):
        return self.effects[tool] == "read"

    def authority(self, task, pins):
        """The `tools` object that this task needs: the tools of its recorded calls, pinned."""
        tools = {}
        for tool in sorted({call["tool"] for call in task["calls"]}):
            pinned = {}
            for argument, kind in DESTINATIONS.get(tool, {}).items():
                values = pinned_values(task, tool, argument, kind, pins)
                if values is not None:
                    pinned[argument] = values
            tools[tool] = self._constraints(tool, pinned) if pinned else {}
        return tools

    def _constraints(self, tool, pinned):
        """Closed world: what is not listed is not allowed, as cc and bcc of an e-mail."""
        constraints = {}
        for argument, optional in self.arguments(tool).items():
            if argument not in pinned:
                constraint = {"constraint_type": "wildcard"}
            elif not pinned[argument]:
                continue  # no recorded call has it: not listed
            elif argument in ("recipients", "participants"):
                constraint = {"constraint_type": "subset", "allowed": pinned[argument]}
            else:
                constraint = {"constraint_type": "one_of", "values": pinned[argument]}
            constraints[argument] = constraint | ({"optional": True} if optional else {})
        return constraints


def pinned_values(task, tool, argument, kind, pins):
    """The values that a destination may have; None leaves it open."""
    if pins == BY_RECORD:
        values = []
        for call in task["calls"]:
            if call["tool"] == tool and argument in call["args"]:
                value = call["args"][argument]
                values += value if isinstance(value, list) else [value]
        return sorted(set(values))
    if pins == BY_PROMPT:
        if kind == "address":
            return sorted(set(re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", task["prompt"]))) or None
        if kind == "name":
            return sorted(set(re.findall(r"(?<!\w)'(.+?)'(?!\w)", task["prompt"]))) or None
    return None


def load():
    data = json.loads(RUNS.read_text())
    return {name: Suite(name, suite) for name, suite in data["suites"].items()}


class Answer:
    """What the service said about one call."""

    def __init__(self, permit=None, refused=None):
        self.permit = permit
        self.outcome = "permit" if permit else refused.code
        self.hop = None if permit else refused.hop
        self.detail = "" if permit else refused.detail


class Run:
    """One recorded task as a run of three agents, with the clients of `registration.py`."""

    def __init__(self, clients, suite, task, pins=BY_RECORD, clearance=None):
        self.clients = clients
        self.suite = suite
        self.task = task
        self.enforcer = clients[f"enforcer-{suite.name}"]
        authority = suite.authority(task, pins)
        self.terms = {"clearance": clearance} if clearance else {}
        self.nodes = {}  # agent: its delegation, and the handle that shows who it was given to

        opened = clients["issuer"].post(
            "/v1/tasks",
            {
                "purpose": task["prompt"],
                "principal": PRINCIPAL,
                "evidence": {"type": "recorded_run", "reference": f"{suite.name}/{task['id']}"},
                "agent": "planner",
                "audience": suite.audience,
                "authority": authority,
                "terms": self.terms | {"pass_only": sorted(authority)},
            },
        )
        self.id = opened["task"]["id"]
        self.nodes["planner"] = opened["delegation"], opened["handle"]
        for agent, reads in (("retriever", True), ("executor", False)):
            part = {tool: map for tool, map in authority.items() if suite.is_read(tool) == reads}
            if part:
                self.delegate("planner", agent, part)

    def delegate(self, parent, agent, authority):
        """Raises Refused when the child asks for more than its parent has."""
        delegation, handle = self.nodes[parent]
        admitted = self.clients[parent].post(
            "/v1/delegations",
            {
                "task": self.id,
                "parent": delegation["id"],
                "handle": handle,
                "agent": agent,
                "authority": authority,
                "terms": self.terms,
            },
        )
        self.nodes[agent] = admitted["delegation"], admitted["handle"]

    def prove(self, agent, tool, args):
        """A presentation: who calls, what, and the proof of it. For one call only."""
        delegation, handle = self.nodes[agent]
        signed = self.clients[agent].post(
            "/v1/proofs",
            {
                "task": self.id,
                "delegation": delegation["id"],
                "handle": handle,
                "tool": tool,
                "arguments": args,
                "audience": self.suite.audience,
            },
        )
        return signed["presentation"]

    def validate(self, presentation, tool, args):
        """What the enforcement point does before it lets the call through."""
        try:
            return Answer(
                permit=self.enforcer.post(
                    "/v1/validate",
                    {"presentation": presentation, "tool": tool, "arguments": args},
                )
            )
        except Refused as refused:
            return Answer(refused=refused)

    def call(self, agent, tool, args):
        return self.validate(self.prove(agent, tool, args), tool, args)

    def agent_for(self, tool):
        """Who would make this call: the reader reads, the writer writes; whoever is there else."""
        wanted = "retriever" if self.suite.is_read(tool) else "executor"
        return wanted if wanted in self.nodes else list(self.nodes)[-1]

    def revoke(self, agent, by):
        """Kills the delegation of `agent` and all below; `by` is its holder or one above it."""
        delegation, _ = self.nodes[agent]
        upper, handle = self.nodes[by]
        return self.clients[by].post(
            f"/v1/delegations/{delegation['id']}/revoke",
            {"as": upper["id"], "handle": handle, "reason": "demo"},
            task=self.id,
        )

    def complete(self):
        self.clients["issuer"].post(f"/v1/tasks/{self.id}/complete", {})
