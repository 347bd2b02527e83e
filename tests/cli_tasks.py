"""Tests of tests/cli: tasks from their opening to their end, people who approve, policies, and what
is printed of others."""

import base64
import json
import re
import stat

from cli_service import ROOT, lying

NOTES = "read_file(path under /notes)"
NOTES_2026 = "read_file(path under /notes/2026)"


def first_screen_of_the_readme(writ):
    task = writ.run('task open "tidy notes" --grant', NOTES)
    child = writ.run(f"delegate {task} --to retriever --grant", NOTES_2026)
    assert re.fullmatch(r"[0-9a-f-]{36}", task) and re.fullmatch(r"[0-9a-f-]{36}", child)
    permit = writ.run(f"validate {child} read_file path=/notes/2026/a.md")
    assert re.match(r"permit +[0-9a-f-]{36}$", permit)
    deny = writ.run(f"validate {child} read_file path=/etc/passwd", status=3)
    assert deny.startswith("deny") and "argument_not_granted" in deny and "retry: never" in deny
    writ.run(f"delegate {child} --to helper --grant", "read_file(path under /)", status=3)
    assert "refused not_narrower" in writ.errors and "parent allows" in writ.errors
    writ.held |= {"root": task, "child": child}


def narrow_takes_the_meet_and_says_what_was_cut(writ):
    line = f"delegate {writ.held['child']} --to helper --narrow --grant"
    answer = writ.json(line, "read_file(path under /)")
    assert answer["delegation"]["notation"] == NOTES_2026
    assert answer["cut"][0]["tool"] == "read_file"


def graph_is_drawn_as_a_tree(writ):
    lines = writ.run(f"graph {writ.held['root']}").splitlines()
    assert lines[0].startswith("task ") and '"tidy notes"' in lines[0]
    assert lines[1].startswith("planner") and NOTES in lines[1]
    assert lines[2].startswith("└─ retriever") and NOTES_2026 in lines[2]
    assert lines[3].startswith("   └─ helper")
    assert "digraph" in writ.run(f"graph {writ.held['root']} -o dot")
    assert "flowchart" in writ.run(f"graph {writ.held['root']} -o mermaid")
    assert len(writ.json(f"graph {writ.held['root']}")["nodes"]) == 3


def why_explains_a_denial_and_ends_with_0(writ):
    decisions = writ.json("decision list --verdict deny")
    explained = writ.run(f"why {decisions[0]['id']}")
    assert "argument_not_granted" in explained and "hop 1" in explained
    assert writ.json(f"why {decisions[0]['id']}")["decision"]["verdict"] == "deny"


def presentation_by_value_verifies_offline(writ):
    (writ.scratch / "anchors.json").write_text(writ.run("anchors"))
    shown = writ.run(f"prove {writ.held['child']} read_file path=/notes/2026/b.md --by-value")
    line = (
        "verify --anchors anchors.json --presentation - --tool read_file "
        "--audience https://files.example --args"
    )
    verdict = writ.json(line, '{"path":"/notes/2026/b.md"}', stdin=shown)
    assert verdict["verdict"] == "PERMIT" and "W1" in verdict["not_checked"]
    verdict = writ.json(line, '{"path":"/notes/2026/c.md"}', stdin=shown, status=3)
    assert (verdict["step"], verdict["outcome"]) == ("7f", "holder_binding_failed")
    assert "NOT VERIFIED" in writ.run("inspect -", stdin=shown)
    assert writ.json("inspect -", stdin=shown)["verified"] is False


def proof_for_a_tool_with_effects_is_good_once(writ):
    root = writ.run('task open "write once" --grant', "write_file(path under /notes)")
    shown = writ.run(f"prove {root} write_file path=/notes/a.md")
    line = "validate --presentation - write_file path=/notes/a.md"
    writ.run(line, stdin=shown)
    assert "replayed" in writ.run(line, stdin=shown, status=3)


def self_held_keys_never_leave_this_machine(writ):
    root = writ.run("task open self --self --grant", NOTES)
    child = writ.run(f"delegate {root} --to retriever --self --key k.jwk --grant", NOTES_2026)
    writ.run(f"validate {child} read_file path=/notes/2026/a.md")
    managed = writ.run(f"delegate {root} --to retriever --grant", NOTES_2026)
    writ.run(f"validate {managed} read_file path=/notes/2026/a.md")
    writ.run(f"delegate {root} --to helper --grant", "read_file(path under /)", status=3)
    assert "not_narrower" in writ.errors
    below = writ.run(f"delegate {managed} --to helper --self --grant", NOTES_2026)
    writ.run(f"validate {below} read_file path=/notes/2026/a.md")
    state = writ.scratch / "state/delegations"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for path in state.iterdir():
        held = json.loads(path.read_text())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert ("key" in held) != ("handle" in held)
    writ.held |= {"self": root, "self child": child}


def who_is_refused_too_often_is_stopped_and_let_go(writ):
    root, child = writ.held["self"], writ.held["self child"]
    for number in range(5):
        writ.run(f"validate {child} read_file path=/etc/{number}", status=3)
    assert "circuit_open" in writ.run(f"validate {child} read_file path=/etc/x", status=3)
    task = writ.json(f"task show {root}")["id"]
    (circuit,) = writ.json(f"circuit list --task {task}")
    assert circuit["cause"] == "refusals"
    writ.run(f"circuit close {circuit['delegation']}", status=1)
    writ.run(f"circuit close {circuit['delegation']} --task {task} --reason mended")
    assert writ.json(f"circuit list --task {task}") == []
    assert "mended" in writ.run(f"circuit list --task {task} --all")


def a_person_approves_a_call_once(writ):
    writ.run("keygen ann.jwk")
    writ.run("client put people --role approver")
    shown = writ.run("approver put ann --groups '[\"finance\"]' --jwk @ann.jwk")
    assert json.loads((writ.scratch / "ann.jwk").read_text())["d"] not in shown
    assert "finance" in writ.run("approver list")
    terms = '{"approval": [{"tools": ["write_file"], "approvers": ["finance"], "quorum": 1}]}'
    root = writ.run("task open approved --grant", "write_file(path under /notes)", "--terms", terms)
    child = writ.run(f"delegate {root} --to helper --grant", "write_file(path under /notes)")
    call = f"validate {child} write_file path=/notes/\u202ea"
    said = writ.run(call, status=3)
    assert "approval_required" in said
    approval = said.split()[-1]
    (listed,) = writ.json("approval list --state pending")
    assert listed["id"] == approval
    assert approval in writ.run("approval watch --for 0")
    page = writ.json(f"approval show {approval}")
    text = writ.run(f"approval show {approval}")
    assert 'path = "/notes/\\u{202e}a"' in text and "an agent's words" in text
    as_ann = f"{approval} --approver ann --key ann.jwk"
    writ.run(f"approval approve {as_ann}", status=1, stdin="no\n")
    writ.run(f"approval approve {as_ann} --digest {page['digest'][::-1]}", status=1)
    assert writ.json(f"approval show {approval}")["votes"] == []
    assert "approved" in writ.run(f"approval approve {as_ann}", stdin="yes\n")
    assert "permit" in writ.run(f"{call} --approval {approval}")
    assert "approval_invalid" in writ.run(f"{call} --approval {approval}", status=3)
    assert writ.json(f"approval show {approval} --wait 20")["state"] == "used"
    for group, changes in (("finance", []), ("board", ["deny"])):
        (writ.scratch / "approved.cedar").write_text(
            '@id("all") permit(principal, action, resource);\n'
            '@id("mind") forbid(principal, action == Action::"call", resource) when {'
            ' resource.name == "write_file" && context.task.purpose == "approved" }'
            f' unless {{ context.approvals.contains("{group}") }};\n'
        )
        replayed = writ.json("policy replay approved.cedar", status=3 if changes else 0)
        assert [change["outcome"] for change in replayed] == changes, replayed
    other = writ.run(f"validate {child} write_file path=/notes/b", status=3).split()[-1]
    assert "rejected" in writ.run(f"approval reject {other} --approver ann --key ann.jwk")
    again = writ.run(f"validate {child} write_file path=/notes/b", status=3)
    assert "approval_invalid" in again and "rejected" in again
    assert "retired_at" in writ.run("approver delete ann")


def a_label_is_lowered_only_with_what_people_approved(writ):
    writ.run("keygen cleo.jwk")
    writ.run("approver put cleo --groups '[]' --jwk @cleo.jwk")
    root = writ.run("task open poisoned --grant", "read_file(path under /notes)")
    writ.run(f"validate {root} read_file path=/notes/a")
    assert "public, untrusted" in writ.run(f"task show {root}")
    writ.run(f"task declassify {root} --to public --reason harmless", status=1)
    wish = f"task declassify {root} --to 'public, trusted' --reason 'nobody writes there'"
    said = writ.run(wish, status=3)
    assert not said
    assert "approval_required" in writ.errors
    approval = writ.errors.split()[-1]
    text = writ.run(f"approval show {approval}")
    assert "declassify" in text
    assert 'reason = "nobody writes there"' in text
    assert "declassify" in writ.run("approval list --state pending")
    assert f"{approval}  declassify" in writ.run("approval watch --for 0")
    writ.run(f"{wish} --approval {approval}", status=3)
    assert "approval_required" in writ.errors
    as_cleo = f"approval approve {approval} --approver cleo --key cleo.jwk"
    assert "approved" in writ.run(as_cleo, stdin="yes\n")
    writ.run(f"{wish} --approval {approval}", status=1)
    assert "conflict" in writ.errors
    assert "90 s after it was asked for" in writ.errors
    page = writ.json(f"approval show {approval}")
    with lying(page | {"act": ""}) as (url, votes):
        context = {"url": url, "clients": {"people": {"secret": "s", "role": "approver"}}}
        writ.write_private("lies.json", context)
        words = f"{as_cleo} --digest {page['digest']}"
        writ.run(words, status=1, WRIT_CONFIG=str(writ.scratch / "lies.json"))
        assert "the act shown" in writ.errors
        assert votes == []


def a_service_that_lies_gets_no_signature(writ):
    root = writ.run(
        "task open lies --grant 'write_file(path under /notes)' --terms",
        '{"approval": [{"tools": ["write_file"], "approvers": ["*"], "quorum": 1}]}',
    )
    approval = writ.run(f"validate {root} write_file path=/notes/a", status=3).split()[-1]
    page = writ.json(f"approval show {approval}")
    swapped = '{"path":"/notes/b"}'
    lines = [{"argument": "path", "value": '"/notes/b"'}]
    lies = [
        {"id": root},
        {"tool": "read_file"},
        {"digest": page["digest"][::-1]},
        {"bound": page["bound"].replace("write_file", "read_file")},
        {"arguments": swapped},
        {"display": {"trusted": False, "lines": lines}},
        {"display": {"trusted": False, "lines": []}},
        {"arguments": swapped, "display": {"trusted": False, "lines": lines}},
    ]
    for lie in lies:
        with lying(page | lie) as (url, votes):
            context = {"url": url, "clients": {"people": {"secret": "s", "role": "approver"}}}
            writ.write_private("lies.json", context)
            words = f"approval approve {approval} --approver ann --key ann.jwk"
            config = str(writ.scratch / "lies.json")
            digest = (page | lie)["digest"]
            writ.run(f"{words} --digest {digest}", status=1, WRIT_CONFIG=config)
            assert "nothing is signed" in writ.errors, (lie, writ.errors)
            assert votes == [], lie
    with lying(page) as (url, votes):
        context = {"url": url, "clients": {"people": {"secret": "s", "role": "approver"}}}
        writ.write_private("lies.json", context)
        writ.run(f"{words} --digest {page['digest']}", WRIT_CONFIG=config)
        assert len(votes) == 1


def holders_and_those_above_them_renew_and_revoke(writ):
    root, child = writ.held["self"], writ.held["self child"]
    assert "renewed" in writ.run(f"renew {child}")
    assert "revoked" in writ.run(f"revoke {child} --by {root} --reason test")
    assert "revoked" in writ.run(f"validate {child} read_file path=/notes/2026/a.md", status=3)
    assert "completed" in writ.run(f"complete {writ.held['child']}")
    assert "revoked" in writ.run(f"revoke {writ.held['root']} --as desk")
    assert "revoked" in writ.run(f"graph {writ.held['root']}")


def delegations_are_named_by_how_their_id_begins(writ):
    root = writ.held["self"]
    task = writ.json(f"task show {root}")
    assert writ.json(f"task show {root[:23]}")["id"] == task["id"]
    assert writ.json(f"task show {task['id']}") == task
    (calls,) = task["accounts"]
    assert f"calls: {calls['remaining']} of 1000 remain" in writ.run(f"task show {root}")
    writ.run("task show 0", status=1)
    writ.run("delegate 0193 --to helper --grant a", status=1)


def tasks_end(writ):
    assert "completed" in writ.run(f"task complete {writ.held['self']}")
    assert "cancelled" in writ.run(f"task cancel {writ.held['root']}")
    states = {task["purpose"]: task["state"] for task in writ.json("task list")}
    assert states["self"] == "completed" and states["tidy notes"] == "cancelled"


def pass_only_is_drawn_as_such(writ):
    grant = "read_file(path under /notes), write_file(path under /notes)"
    root = writ.run("task open split --terms", '{"pass_only":["write_file"]}', "--grant", grant)
    line = writ.run(f"graph {root}").splitlines()[1]
    assert re.search(r"may call +read_file.*; may pass on +write_file", line), line


def policies_are_checked_and_tested_offline(writ):
    office = ROOT / "api/examples/policies"
    writ.run(f"policy check {office}/office.cedar")
    assert writ.run(f"policy test {office}").endswith("13 passed, 0 failed")
    assert "action call appliesTo" in writ.run("policy schema")
    wrong = writ.scratch / "policies"
    wrong.mkdir()
    text = (office / "office.cedar").read_text()
    (wrong / "bad.cedar").write_text(text.replace("resource.effect ==", "resource.efect ==", 1))
    writ.run(f"policy check {wrong}/bad.cedar", status=3)
    assert "bad.cedar: line 15: for policy `irreversible_stays_near`" in writ.errors
    (wrong / "office.cedar").write_text(
        text + '@id("never") forbid(principal, action, resource) '
        'when { context.now < datetime("1970-01-01") };'
    )
    cases = json.loads((office / "office.cases.json").read_text())
    cases[0]["expect"] = "deny"
    (wrong / "office.cases.json").write_text(json.dumps(cases))
    said = writ.run(f"policy test {wrong}", status=3)
    assert "failed: a reader reads: expected deny" in said and "office.cedar: never" in said
    cases[0]["effect"] = "read"
    (wrong / "office.cases.json").write_text(json.dumps(cases))
    writ.run(f"policy test {wrong}", status=1)


def policies_come_into_force_explain_and_replay(writ):
    root = writ.run("task open policies --grant", NOTES)
    decision = writ.json(f"validate {root} read_file path=/notes/a.md")["id"]
    assert writ.json("policy list") == []
    writ.run("policy show", status=1)
    rules = writ.scratch / "rules.cedar"
    rules.write_text('@id("all") permit(principal, action, resource);\n')
    assert writ.run("policy put rules.cedar --name rules") == "version 1"
    assert writ.run("policy show") == rules.read_text().strip()
    assert "no policies: permit" in writ.run(f"policy explain {decision}")
    assert writ.json("policy replay rules.cedar") == []
    stricter = (
        '@id("no_notes") forbid(principal == Agent::"planner", action, resource) when {'
        ' resource.name == "read_file" && context.task.purpose == "policies" };\n'
    )
    (writ.scratch / "stricter.cedar").write_text(rules.read_text() + stricter)
    explained = writ.run(f"policy explain {decision} --policies stricter.cedar")
    assert "stricter.cedar: deny" in explained and "no_notes" in explained
    changes = writ.json("policy replay stricter.cedar", status=3)
    assert [(c["decision"], c["then"], c["outcome"]) for c in changes] == [
        (decision, "permit", "deny")
    ]
    # By the label of then: the first read raised it, and the second one came after that.
    second = writ.json(f"validate {root} read_file path=/notes/a.md")["id"]
    trusting = (
        '@id("trusting") forbid(principal, action == Action::"call", resource) when {'
        ' context.label.untrusted && context.task.purpose == "policies" };\n'
    )
    (writ.scratch / "trusting.cedar").write_text(rules.read_text() + trusting)
    changes = writ.json("policy replay trusting.cedar", status=3)
    assert [(c["decision"], c["outcome"]) for c in changes] == [(second, "deny")]
    writ.run("policy put stricter.cedar")
    denied = writ.run(f"validate {root} read_file path=/notes/a.md", status=3)
    assert "policy_denied" in denied and "no_notes" in denied
    last = writ.json("decision list --outcome policy_denied")[0]
    assert last["policy_version"] == 2
    assert "version 2: deny" in writ.run(f"policy explain {last['id']}")
    (writ.scratch / "none.cedar").write_text("")
    writ.run("policy put none.cedar")
    assert [p["in_force"] for p in writ.json("policy list")] == [True, False, False]


def text_of_others_cannot_drive_the_terminal(writ):
    root = writ.run("task open", "a\u202eb", "--grant", NOTES)
    shown = writ.run(f"graph {root}") + writ.run("task list") + writ.run(f"task show {root}")
    assert "\u202e" not in shown and shown.count("a\ufffdb") == 3
    part = base64.urlsafe_b64encode(b'{"jti":"\\u001b[2J\\u009b2J"}').decode().rstrip("=")
    shown = writ.run(f"inspect {part}.{part}.AA")
    assert "\x1b" not in shown and "\x9b" not in shown and "[2J" in shown


def context_of_the_examples_is_read_too(writ):
    clients = json.loads((writ.scratch / "context.json").read_text())["contexts"]["default"][
        "clients"
    ]
    path = writ.scratch / "plain.json"
    path.touch(0o600)
    secrets = {name: client["secret"] for name, client in clients.items() if name != "extra"}
    path.write_text(json.dumps({"url": writ.url, "clients": secrets}))
    root = writ.run("task open plain --grant", NOTES, WRIT_CONFIG=str(path))
    assert "planner" in writ.run(f"graph {root}", WRIT_CONFIG=str(path))


def service_that_is_away_is_a_failure_and_no_denial(writ):
    writ.run("login --context away --url http://127.0.0.1:1 --client a", stdin="b", status=1)
    path = writ.scratch / "away.json"
    path.touch(0o600)
    path.write_text(json.dumps({"url": "http://127.0.0.1:1", "clients": {"a": "b"}}))
    for line in ("task list", "graph 0193a1b2-0000-7000-8000-000000000000", "doctor"):
        writ.run(line, status=1, WRIT_CONFIG=str(path))
        assert "does not answer" in writ.errors, line
