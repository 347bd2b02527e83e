#!/usr/bin/env python3
"""The demo: recorded tasks as runs of three agents, through the HTTP API of a serving writd.

    demo.py --data-dir var --url http://127.0.0.1:8420

Registers what the examples need, plays one task in full and some more in brief, and writes the
credentials of the examples' clients to context.json in the data directory. What is printed about
an answer is what the service answered. Exits with 1 when any answer is not what it should be.
"""

import argparse
import collections
import sys
import textwrap
from pathlib import Path

import by_hand
import recorded_runs
import registration
from recorded_runs import Run
from writ_http import Refused

IN_FULL = ("workspace", "user_task_33")
IN_BRIEF = (
    ("workspace", "user_task_6"),
    ("workspace", "user_task_25"),
    ("workspace", "user_task_32"),
    ("travel", "user_task_0"),
)
# Who asks for too much five times in a minute is stopped altogether.
BLOCKED = {"argument_not_granted", "scope_not_granted", "circuit_open"}
WIDTH = 100

surprises = []


def show(verdict, who, what, why=""):
    print(f"{verdict:<8} {who:<10} {what:<51} {why}".rstrip())


def show_answer(answer, who, what, times=1):
    """The outcome, and the link at fault: 0 is the root."""
    hop = "" if answer.hop is None else f", hop {answer.hop}"
    often = "" if times == 1 else f"  x{times}"
    if answer.permit:
        show("permit", who, what, often)
    else:
        show("deny", who, what, answer.outcome + hop + often)


def expect(is_so, what):
    if not is_so:
        surprises.append(what)


def expect_outcome(answer, wanted, what):
    if answer.outcome not in wanted:
        surprises.append(f"{what}: expected {' or '.join(sorted(wanted))}, got {answer.outcome}")


def describe(call):
    """A call in a few words: the tool, and where it goes or what it asks for."""
    args = call["args"]
    argument = recorded_runs.SENDS_TO.get(call["tool"])
    values = args.get(argument) or next((value for value in args.values() if value), "")
    text = ", ".join(values) if isinstance(values, list) else str(values)
    return f"{call['tool']} {'to ' if args.get(argument) else ''}{text}".strip()


# ---- The tree -----------------------------------------------------------------------------------


def draw(run, auditor):
    """The graph of the task as the service answers it, one line a node."""
    graph = auditor.get("/v1/graph", task=run.id)
    children = collections.defaultdict(list)
    for node in sorted(graph["nodes"], key=lambda node: node["id"]):
        children[node.get("parent")].append(node)
    draw_below(run, auditor, children, None, "")


def draw_below(run, auditor, children, parent, indent):
    for node in children[parent]:
        last = node is children[parent][-1]
        branch = "" if parent is None else "└─ " if last else "├─ "
        draw_node(run, auditor, node, indent + branch)
        below = "" if parent is None else "   " if last else "│  "
        draw_below(run, auditor, children, node["id"], indent + below)


def draw_node(run, auditor, node, stem):
    authority = auditor.get(f"/v1/delegations/{node['id']}/authority", task=run.id)
    if node["state"] != "live":
        may = node["state"]
    elif authority.get("may_call"):
        may = "may call"
    else:
        may = "may pass on"
    head = f"{stem + node['agent']:<14} {may:<11}  "
    print(
        textwrap.fill(
            node["notation"].replace(" ", "\xa0").replace(",\xa0", ", "),
            WIDTH,
            initial_indent=head,
            subsequent_indent=" " * 28,
            break_on_hyphens=False,
        ).replace("\xa0", " ")
    )


# ---- What happens to one task -------------------------------------------------------------------


def open_task(clients, suites, suite_name, task_id):
    suite = suites[suite_name]
    return Run(clients, suite, suite.tasks[task_id])


def attacker_calls(suite):
    """Every call that an attacker would make, each once, goal by goal."""
    seen = []
    for goal in suite.attacks:
        for call in goal["calls"]:
            if call not in seen:
                seen.append(call)
    return seen


def play_in_full(clients, suites, data_dir):
    run = open_task(clients, suites, *IN_FULL)
    print(
        f'\ntask {run.id}\n"{textwrap.shorten(run.task["prompt"], WIDTH - 2, placeholder=" ...")}"'
    )
    draw(run, clients["auditor"])
    print()
    first = play_recorded_calls(run)
    replay(run, *first)
    play_attacker_calls(run)
    widen(run, data_dir)
    revoke(run)
    print()
    draw(run, clients["auditor"])
    return run


def play_recorded_calls(run):
    """Returns the first call with effects, and its presentation."""
    first = None
    for call in run.task["calls"]:
        agent = run.agent_for(call["tool"])
        presentation = run.prove(agent, call["tool"], call["args"])
        answer = run.validate(presentation, call["tool"], call["args"])
        show_answer(answer, agent, describe(call))
        expect_outcome(answer, {"permit"}, f"the recorded {call['tool']}")
        if not first and not run.suite.is_read(call["tool"]):
            first = call, presentation
    return first


def play_attacker_calls(run):
    """All of them, whoever would make them; those that look alike in one line."""
    alike = {}
    for call in attacker_calls(run.suite):
        agent = run.agent_for(call["tool"])
        answer = run.call(agent, call["tool"], call["args"])
        expect_outcome(answer, BLOCKED, f"the attacker's {call['tool']}")
        alike.setdefault((agent, describe(call), answer.outcome, answer.hop), []).append(answer)
    for (agent, what, *_), answers in alike.items():
        show_answer(answers[0], agent, what, times=len(answers))


def replay(run, call, presentation):
    """A proof is good for one call: W3."""
    answer = run.validate(presentation, call["tool"], call["args"])
    show_answer(answer, run.agent_for(call["tool"]), "its first proof, sent again")
    expect_outcome(answer, {"replayed"}, "a proof that is sent again")


def widen(run, data_dir):
    """A child with a tool that its parent has not: refused by the service, and by the database."""
    wanted = {"send_email": {}}
    try:
        run.delegate("retriever", "helper", wanted)
        show("permit", "retriever", "a child that may call send_email")
        expect(False, "a widened child was admitted")
    except Refused as refused:
        why = f"{refused.code}: {refused.detail}"
        show("refused", "retriever", "a child that may call send_email", why)
        expect(refused.code == "not_narrower", f"a widened child: {refused.code}")

    parent = run.nodes["retriever"][0]
    if not by_hand.is_possible(data_dir):
        show("skipped", "psql", "the same child, inserted by hand", "no private cluster here")
        return
    narrow = by_hand.insert_child(data_dir, run.id, parent["id"], {})
    expect(narrow == "inserted", f"a narrow child, inserted by hand: {narrow}")
    wide = by_hand.insert_child(data_dir, run.id, parent["id"], wanted)
    verdict = "permit" if wide == "inserted" else "refused"
    show(verdict, "psql", "the same child, inserted by hand", wide)
    expect(wide == 'check constraint "narrower"', f"a widened child, inserted by hand: {wide}")


def revoke(run):
    """Revoking a node kills it and all below at once, and nothing beside it: W2, W9."""
    search, mail = run.task["calls"]

    def call_after(agent, call, revoked, wanted):
        proved = run.prove(agent, call["tool"], call["args"])
        if revoked not in gone:
            run.revoke(revoked, by="planner")
            gone.add(revoked)
        answer = run.validate(proved, call["tool"], call["args"])
        what = f"after the {revoked} was revoked"
        show_answer(answer, agent, what)
        expect_outcome(answer, {wanted}, f"{agent} {what}")

    gone = set()
    call_after("executor", mail, "executor", "revoked")
    call_after("retriever", search, "executor", "permit")
    call_after("retriever", search, "planner", "revoked")


def play_in_brief(clients, suites, suite_name, task_id):
    run = open_task(clients, suites, suite_name, task_id)
    answers = []
    for call in run.task["calls"]:
        answer = run.call(run.agent_for(call["tool"]), call["tool"], call["args"])
        expect_outcome(answer, {"permit"}, f"{task_id}: the recorded {call['tool']}")
        answers.append(answer)
    permitted = sum(answer.outcome == "permit" for answer in answers)
    outcomes = collections.Counter()
    for call in attacker_calls(run.suite):
        answer = run.call(run.agent_for(call["tool"]), call["tool"], call["args"])
        expect_outcome(answer, BLOCKED, f"{task_id}: the attacker's {call['tool']}")
        outcomes[answer.outcome] += 1
    attacker = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    name = f"{suite_name}/{task_id}"
    print(f"{name:<23} {permitted} of {len(answers)} calls permitted; attacker: {attacker}")
    print(f'    "{textwrap.shorten(run.task["prompt"], WIDTH - 6, placeholder=" ...")}"')
    run.complete()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", default="var", type=Path, help="of writd [var]")
    parser.add_argument("--url", help="of writd [what admin.json says]")
    options = parser.parse_args()

    suites = recorded_runs.load()
    admin = registration.read_admin(options.data_dir)
    url = options.url or admin["url"]
    clients = registration.set_up(url, admin, suites, options.data_dir / "context.json")

    run = play_in_full(clients, suites, options.data_dir)
    print("\nmore recorded tasks, in brief:")
    for suite_name, task_id in IN_BRIEF:
        play_in_brief(clients, suites, suite_name, task_id)
    for surprise in surprises:
        print(f"demo: not as it should be: {surprise}", file=sys.stderr)
    if surprises:
        return 1
    print(f"\nNext:    . var/env && writ graph {run.id}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, Refused) as error:
        sys.exit(f"demo: {error}")
