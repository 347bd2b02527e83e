"""Tests of tests/cli: what administrators declare, by file and by command."""

import json
import re

from cli_service import REGISTRY


def apply_makes_the_registry_as_the_file_says(writ):
    (writ.scratch / "writ.yaml").write_text(REGISTRY)
    assert len(writ.json("apply -f writ.yaml --diff")) == 11
    assert writ.json("agent list") == []
    assert len(writ.json("apply -f writ.yaml")) == 11
    assert writ.json("apply -f writ.yaml") == []
    assert {agent["name"] for agent in writ.json("agent list")} == {
        "planner",
        "retriever",
        "helper",
    }


def apply_takes_back_what_was_taken_out_of_the_file(writ):
    without = REGISTRY.replace(
        "      clearance: {confidentiality: public, integrity: untrusted}\n", ""
    )
    assert [c["name"] for c in writ.json("apply -f - --diff", stdin=without)] == ["desk"]
    writ.run("apply -f -", stdin=without)
    assert "clearance" not in writ.json("client show desk")["ceiling"]
    writ.run("apply -f writ.yaml")
    assert writ.json("apply -f writ.yaml --diff") == []


def apply_says_what_loosens_and_does_it_only_when_meant(writ):
    looser = REGISTRY.replace("write_file: {effect: write", "write_file: {effect: read")
    printed = writ.run("apply -f - --diff", stdin=looser)
    assert "LOOSENS effect" in printed, printed
    assert "--loosen" in writ.errors
    assert "refused conflict" in refused(writ, "apply -f -", looser)
    assert writ.json("tool show write_file --audience https://files.example")["effect"] == "write"
    assert writ.json("apply -f - --loosen", stdin=looser)[0]["loosens"] == ["effect"]
    writ.run("apply -f writ.yaml")
    assert "LOOSENS" not in writ.run("apply -f writ.yaml --diff")
    # A new tool is looser than its effect where it asks fewer people.
    hasty = "tools: {'https://files.example': {burn: {effect: irreversible, approval: 0}}}"
    assert "LOOSENS approval" in writ.run("apply -f - --diff", stdin=hasty)
    assert "refused conflict" in refused(writ, "apply -f -", hasty)
    assert writ.json("apply -f - --loosen", stdin=hasty)[0]["loosens"] == ["approval"]
    assert writ.json("apply -f -", stdin=hasty) == []
    writ.run("apply -f -", stdin=hasty.replace("approval: 0", "approval: 2"))
    assert writ.json("tool show burn --audience https://files.example")["approval"] == 2
    assert "LOOSENS approval" in writ.run("apply -f - --diff", stdin=hasty.replace(": 0", ": 1"))


def refused(writ, line, stdin):
    writ.run(line, stdin=stdin, status=1)
    return writ.errors


def tools_of_a_server_are_imported_for_review_and_a_changed_one_is_suspended(writ):
    schema = {"type": "object", "properties": {"to": {"type": "string"}}}
    tools = [
        {"name": "post", "description": "safe!\n  evil: {}", "inputSchema": schema},
        {"name": "find", "annotations": {"readOnlyHint": True}, "inputSchema": {"$ref": "#/x"}},
    ]
    answer = json.dumps({"jsonrpc": "2.0", "id": 2, "result": {"tools": tools}})
    listed = '{"jsonrpc":"2.0","id":1,"result":{}}\n' + answer + "\n"
    at = "--audience https://mcp.example"
    text = writ.run(f"tool import - {at}", stdin=listed)
    assert '# annotations, by the server: {"readOnlyHint":true}' in text, text
    assert "# arguments are not checked: argument_schema: $ref" in text, text
    assert '"safe!\\n  evil: {}"' in text, text
    assert text.count("effect: irreversible\n      approval: 1\n") == 2, text
    writ.run("apply -f -", stdin=text)
    assert writ.json("apply -f - --diff", stdin=text) == []
    made = writ.json(f"tool show find {at}")
    assert (made["effect"], made["approval"], made["sends"]) == ("irreversible", 1, True)
    assert made["sensitivity"]["confidentiality"] == "confidential"
    assert made["sensitivity"]["integrity"] == "untrusted"
    writ.run(f"tool import - {at}", stdin=listed)
    assert "suspended" not in writ.errors
    schema["properties"]["bcc"] = {"type": "string"}
    writ.run(f"tool import - {at}", stdin=json.dumps({"tools": tools}))
    assert "post is suspended" in writ.errors, writ.errors
    assert "suspended_at" in writ.json(f"tool show post {at}")
    assert json.loads(writ.run(f"tool accept post {at}")) == schema
    digest = re.search(r"--digest (\S+)", writ.errors)[1]
    writ.run(f"tool accept post {at} --digest {digest[:-1]}A", status=1)
    writ.run(f"tool accept post {at} --digest {digest}")
    assert writ.json(f"tool show post {at}")["argument_schema"] == schema


def apply_refuses_yaml_that_says_two_things(writ):
    for text, why in (
        ("agents:\n  a: {role: x, owner: o}\n  a: {role: y, owner: o}\n", "already"),
        ("agents:\n  a: &b {role: x, owner: o}\n  c: *b\n", "anchors"),
        ("agents: !x {}\n", "tags"),
        ("agents:\n  a: {role: x, owner: o, colour: red}\n", "role, owner and identities"),
        ("agent: {}\n", "nothing else"),
        ("agents: [\n", "-:2:"),
        ("--- {}\n--- {}\n", "second"),
        ("agents:\n" + "".join("  " * n + f"a{n}:\n" for n in range(1, 80)), "deep"),
    ):
        writ.run("apply -f -", stdin=text, status=1)
        assert why in writ.errors, (text, writ.errors)


def registry_commands_put_show_and_retire(writ):
    writ.run("tool put delete_file --effect irreversible --audience https://files.example")
    assert writ.json("tool show delete_file")["effect"] == "irreversible"
    assert writ.json("tool show delete_file")["approval"] == 1
    without = "tool put delete_file --effect irreversible --approval 0"
    writ.run(without, status=1)
    assert "conflict" in writ.errors
    writ.run(f"{without} --loosen")
    writ.run("tool put delete_file --effect irreversible --approval many", status=1)
    writ.run("tool put delete_file --effect irreversible --approval 2")
    assert writ.json("tool show delete_file")["approval"] == 2
    assert re.search(r"delete_file +irreversible +2\b", writ.run("tool list"))
    assert "retired_at" in writ.json("tool delete delete_file")
    writ.run("agent put extra --role helper --owner me")
    assert writ.json("agent show extra")["owner"] == "me"
    writ.run("agent delete extra")
    writ.run("client put extra --role auditor")
    assert "extra" in writ.errors and "secret" in writ.errors
    writ.run("task list --as extra")
    writ.run("client delete extra")
    writ.run("task list --as extra", status=1)
    writ.run("agent show nobody", status=1)


def doctor_finds_nothing_wrong(writ):
    # The client that was disabled above is what it must complain of.
    findings = writ.json("doctor", status=1)
    assert [f["says"].split(":")[0] for f in findings if not f["ok"]] == ["extra"]
