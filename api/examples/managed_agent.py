#!/usr/bin/env python3
"""An orchestrator hands part of a task to a sub-agent, whose call is judged. Managed keys."""

import base64
import json
import os
import urllib.request
import uuid
from pathlib import Path

FILE = json.loads(Path(os.environ.get("WRIT_CONFIG", "var/context.json")).read_text())
CONTEXT = FILE["contexts"][FILE["current"]]


def post(who, path, body):
    """A permit is the only 2xx: a denial, an outage and a typo all raise HTTPError."""
    basic = base64.b64encode(f"{who}:{CONTEXT['clients'][who]['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    headers["Idempotency-Key"] = str(uuid.uuid4())
    request = urllib.request.Request(CONTEXT["url"] + path, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request, timeout=10))


# The application opens the task for its user: the planner may pass read_file on, below /notes.
task = {"purpose": "tidy notes", "principal": "emma@example.com", "agent": "planner"}
task |= {"evidence": {"type": "login", "reference": "session 1"}}
task |= {"audience": "https://workspace.example", "grant": "read_file(path under /notes)"}
root = post("issuer", "/v1/tasks", task)
link = {"task": root["task"]["id"]}
# The orchestrator gives the retriever less than it has. The handle shows who was given a link.
part = {"parent": root["delegation"]["id"], "handle": root["handle"], "agent": "retriever"}
child = post(
    "planner", "/v1/delegations", link | part | {"grant": "read_file(path under /notes/2026)"}
)
# The sub-agent proves one call; the tool server asks before it makes it.
call = {"tool": "read_file", "arguments": {"path": "/notes/2026/a.md"}}
mine = {"delegation": child["delegation"]["id"], "handle": child["handle"]}
proof = post("retriever", "/v1/proofs", link | mine | call | {"audience": task["audience"]})
permit = post("enforcer-workspace", "/v1/validate", {"presentation": proof["presentation"]} | call)
print(permit["decision"], permit["agent"], permit["tool"], permit["arguments"])
