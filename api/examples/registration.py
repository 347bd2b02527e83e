"""What an administrator registers for the examples: tools, agents, API clients.

Everything is PUT, so a second start changes nothing. A client's secret is answered once, when it
is made: the context file (0600) keeps them, and a client whose secret is lost gets a new one.
"""

import json
import os
from pathlib import Path

import recorded_runs
from writ_http import Client, segment

# Agent: role. Each has an API client of its own name.
AGENTS = {
    "planner": "orchestrator",
    "retriever": "retriever",
    "executor": "executor",
    "helper": "helper",
}
# For "Try your own" in README: a tool at the workspace audience that no recorded run uses.
EXTRA_TOOLS = {"workspace": {"read_file": {"effect": "read"}}}
# The examples are about grants, so what their tools return is held to be public and trusted. An
# operator says of each tool what it returns; tests/replay does, and measures the difference.
PUBLIC = {"confidentiality": "public", "integrity": "trusted", "categories": []}


def tools_of(suite):
    for name, effect in suite.effects.items():
        tool = {"effect": effect, "sensitivity": PUBLIC}
        if name in recorded_runs.SENDS_TO:
            tool["destination"] = recorded_runs.SENDS_TO[name]
        yield name, tool
    for name, tool in EXTRA_TOOLS.get(suite.name, {}).items():
        yield name, tool | {"sensitivity": PUBLIC}


def clients_of(suites):
    """Client: what it is. The issuer may open tasks for one principal, within these tools."""
    names = {name for suite in suites.values() for name, _ in tools_of(suite)}
    clients = {
        "issuer": {
            "role": "issuer",
            "ceiling": {
                "principals": [recorded_runs.PRINCIPAL],
                "audiences": [suite.audience for suite in suites.values()],
                "authority": {name: {} for name in sorted(names)},
                "clearance": PUBLIC,
                "open_tasks": 1000,
                "lifetime_s": 3600,
            },
        },
        "auditor": {"role": "auditor"},
    }
    for agent, role in AGENTS.items():
        clients[agent] = {
            "role": "orchestrator" if role == "orchestrator" else "agent",
            "agent": agent,
        }
    for suite in suites.values():
        clients[f"enforcer-{suite.name}"] = {"role": "enforcer", "audience": suite.audience}
    return clients


def register(admin, suites, known):
    """Returns the secret of every client; `known` are those of an earlier start."""
    for suite in suites.values():
        for name, tool in tools_of(suite):
            admin.put(f"/v1/tools/{segment(name)}", tool, audience=suite.audience)
    for name, role in AGENTS.items():
        admin.put(f"/v1/agents/{name}", {"role": role, "owner": "examples"})
    secrets = {}
    for name, client in clients_of(suites).items():
        answer = admin.put(f"/v1/clients/{name}", client)
        if "secret" not in answer and name not in known:
            answer = admin.put(f"/v1/clients/{name}", client | {"rotate": True})
        secrets[name] = answer.get("secret") or known[name]
    return secrets


def read_admin(data_dir):
    """The credential that the first start of writd wrote."""
    return json.loads((Path(data_dir) / "admin.json").read_text())


def write_private(path, text):
    temporary = path.with_suffix(".new")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def connect(url, credentials):
    return {name: Client(url, name, secret) for name, secret in credentials.items()}


def set_up(url, admin, suites, path):
    """Registers, keeps the credentials in the context file at `path`; returns a Client for each.

    The file is that of the writ command: its context "local", beside which others may stand."""
    file = json.loads(path.read_text()) if path.exists() else {"contexts": {}}
    before = file["contexts"].get("local", {}).get("clients", {})
    known = {name: client["secret"] for name, client in before.items() if "secret" in client}
    admin_client = Client(url, admin["client_id"], admin["client_secret"])
    secrets = register(admin_client, suites, known)

    entries = {admin["client_id"]: {"secret": admin["client_secret"], "role": "admin"}}
    for name, client in clients_of(suites).items():
        entries[name] = {key: client[key] for key in ("role", "agent", "audience") if key in client}
        entries[name]["secret"] = secrets[name]
    file["current"] = "local"
    file["contexts"]["local"] = {
        "url": url,
        "defaults": {
            "principal": recorded_runs.PRINCIPAL,
            "audience": suites["workspace"].audience,
            "agent": "planner",
        },
        "clients": before | entries,
    }
    write_private(path, json.dumps(file, indent=1) + "\n")
    return connect(url, secrets) | {"admin": admin_client}
