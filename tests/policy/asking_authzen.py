"""Tests of tests/policy/remote: an AuthZEN decision point that lies, stalls, dies and is away."""

import concurrent.futures
import datetime
import json
import time
import urllib.request

from engines import TOKEN, certificate, permit, reply
from stage import GRANT


def asks_as_the_standard_says_and_with_its_token(stage):
    stage.pdp.questions.clear()
    stage.must_permit()
    ((method, path, _), headers, question) = stage.pdp.questions[-1]
    assert (method, path) == ("POST", "/access/v1/evaluation")
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"] == "application/json"
    assert question["subject"] == {
        "type": "agent",
        "id": "retriever",
        "properties": {"role": "retriever"},
    }
    assert question["action"] == {"name": "call"}
    assert question["resource"]["type"] == "tool"
    assert question["resource"]["id"] == "https://files.example read_file"
    assert question["resource"]["properties"]["effect"] == "read"
    context = question["context"]
    assert context["task"]["purpose"] == "engines"
    assert [agent["name"] for agent in context["agents"]] == ["planner", "retriever"]
    assert context["depth"] == 1 and context["attributed"] is True


def a_clean_no_denies_and_says_who(stage):
    stage.pdp.manner = lambda *_: reply(
        {"decision": False, "context": {"id": "d-17", "policies": ["night"], "reason": "x"}}
    )
    said = stage.must_deny("policy_denied", "authzen:night", "d-17", "retry: never")
    decision = stage.writ.json(f"why {said.split()[-1]}")["decision"]
    assert decision["outcome"] == "policy_denied" and "authzen:night" in decision["detail"]
    # It may look at who asks and when, so it is asked again and not kept for the task.
    stage.honest()
    stage.must_permit()


def every_lie_denies(stage):
    yes = b'{"decision":true}'
    approval = {"type": "approval", "approvers": ["finance"]}
    lies = [
        reply({"decision": "true"}),
        reply({"decision": 1}),
        reply({"decision": None}),
        reply({"Decision": True}),
        reply({"decision": [True]}),
        reply({"result": True}),
        reply({}),
        reply([{"decision": True}]),
        reply(b"true"),
        reply(b""),
        reply(yes[:-1]),
        reply(yes + yes),
        reply(b'{"decision":false,"decision":true}'),
        reply(b'{"decision":true,"decision":true}'),
        reply(b'{"decision":true,"context":{"id":"a","id":"b"}}'),
        reply(b'\xef\xbb\xbf{"decision":true}'),
        reply(b'{"decision":true,"context":{"id":"\xff"}}'),
        reply(b"[" * 100000),
        reply(b"<html>decision: true</html>"),
        reply({"decision": True, "obligations": [approval]}),
        reply({"decision": True, "context": {"must": "be logged"}}),
        reply({"decision": True, "context": True}),
        reply({"decision": True, "context": {"error": {"status": 500}}}),
        reply({"decision": True, "context": {"obligations": approval}}),
        reply({"decision": True, "context": {"obligations": ["approval"]}}),
        reply({"decision": True, "context": {"obligations": [{"type": "log"}]}}),
        reply({"decision": True, "context": {"obligations": [{"type": "approval"}]}}),
        reply({"decision": True, "context": {"obligations": [approval | {"quorum": 0}]}}),
        reply({"decision": True, "context": {"obligations": [approval | {"quorum": "2"}]}}),
        reply({"decision": True, "context": {"obligations": [approval | {"approvers": []}]}}),
        reply({"decision": True, "context": {"obligations": [approval | {"until": "9"}]}}),
        reply({"decision": True, "context": {"policies": "all"}}),
        reply({"decision": True, "context": {"policies": ["two words"]}}),
        reply({"decision": True}, status=201),
        reply({"decision": True}, status=404),
        reply({"decision": True}, status=500),
        reply({"decision": True}, status=302, headers="Location: /permit\r\n"),
        reply({"decision": True}, status=307, headers=f"Location: {stage.pdp.url}/x\r\n"),
        reply(yes + b" " * 400000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + yes,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n" + yes,
        b"SSH-2.0-OpenSSH_9.2\r\n" + yes,
        yes,
        b"",
    ]
    for lie in lies:
        stage.pdp.manner = lambda *_, lie=lie: lie
        stage.pdp.questions.clear()
        said = stage.must_deny("policy_error", "policy engine authzen: ")
        assert len(stage.pdp.questions) == 1, (lie[:200], said)
        stage.honest()
        stage.must_permit()


def a_certificate_that_nobody_vouches_for_denies(stage):
    stage.pdp.context = certificate(stage.writ.scratch, "stranger")
    stage.must_deny("policy_error", "policy engine authzen: it can not be reached")
    stage.honest()
    stage.must_permit()


def who_stalls_or_drips_denies(stage):
    def drip(head):
        def manner(_question, connection):
            connection.sendall(head)
            for _ in range(120):
                connection.sendall(b" ")
                time.sleep(0.05)

        return manner

    whole = reply(b" " * 1000)
    body = whole.index(b"\r\n\r\n") + 4
    for manner in (None, drip(b"HTTP/1.1 200 OK\r\nX:"), drip(whole[:body])):
        stage.pdp.manner = manner
        stage.must_deny("policy_error", "policy engine authzen: it did not answer in time")
        stage.honest()
        stage.must_permit()


def while_it_stalls_everything_else_goes_on(stage):
    """More calls wait than there are threads of any kind; none of them answers meanwhile."""
    waiting, openings, other = 24, 8, stage.delegate()
    children = [stage.delegate() for _ in range(3)]
    stage.pdp.questions.clear()
    stage.pdp.released.clear()
    stage.pdp.manner = stage.pdp.hold
    with concurrent.futures.ThreadPoolExecutor(waiting + openings) as pool:
        opened = [pool.submit(stage.open) for _ in range(openings)]
        stage.pdp.await_questions(2)
        calls = [pool.submit(stage.call, child=children[i % 3]) for i in range(waiting)]
        stage.pdp.await_questions(4)
        with urllib.request.urlopen(f"{stage.writ.url}/healthz", timeout=10) as answer:
            assert answer.status == 200
        held = [call for call in calls if not call.done()]
        assert held, "nobody waits"
        with urllib.request.urlopen(f"{stage.writ.url}/readyz", timeout=10) as answer:
            assert json.load(answer)["ready"]
        assert "revoked" in stage.writ.run(f"revoke {other} --as desk")
        stage.pdp.released.set()
        said = [call.result() for call in calls]
        answers = [each.result() for each in opened]
    # Half of the four readers wait; who comes then is told to come back.
    codes = [answer.get("code", "opened") for answer, _ in answers]
    assert set(codes) <= {"opened", "rate_limited", "policy_error"}, codes
    assert codes.count("rate_limited") >= openings - 2, codes
    for answer, retry_after in answers:
        assert answer.get("code") != "rate_limited" or retry_after == "1", answer
    for each in said:
        assert each.startswith("permit") or "policy_error" in each, each
    stage.honest()
    stage.await_permit()


def no_read_is_buffered_where_an_engine_is_told_the_label(stage):
    _, proofs = stage.known(3)
    stage.pdp.manner = lambda *_: reply({"decision": False})
    assert stage.validate("peek", proofs[0])["code"] == "policy_denied"
    stage.pdp.manner = lambda *_: reply({})
    assert stage.validate("peek", proofs[1])["code"] == "policy_error"
    stage.honest()
    stage.pdp.questions.clear()
    assert stage.validate("peek", proofs[2])["recorded"] == "durable"
    ((_, _, question),) = stage.pdp.questions
    assert question["context"]["label"] == {"confidentiality": "public", "integrity": "untrusted"}


def a_revocation_during_the_wait_is_seen(stage):
    durable = stage.delegate()
    for tool, child, (proof,) in (
        ("read_file", durable, stage.proofs("read_file", durable, 1)),
        ("peek", *stage.known(1)),
    ):
        stage.pdp.questions.clear()
        stage.pdp.released.clear()
        stage.pdp.manner = stage.pdp.hold
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            call = pool.submit(stage.validate, tool, proof)
            stage.pdp.await_questions(1)
            head = stage.metric("writ_feed_head")
            stage.writ.run(f"revoke {child} --as desk")
            while stage.metric("writ_feed_head") == head:
                time.sleep(0.01)
            stage.pdp.released.set()
            assert call.result()["code"] == "revoked", call.result()
        stage.honest()


def a_registry_that_changes_during_the_wait_is_not_judged_by(stage):
    _, proofs = stage.known(1)
    stage.pdp.questions.clear()
    stage.pdp.released.clear()
    stage.pdp.manner = stage.pdp.hold
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        call = pool.submit(stage.validate, "peek", proofs[0])
        stage.pdp.await_questions(1)
        stage.writ.run("client put late --role auditor")
        stage.writ.run("decision list --as late")  # known: the new registry is in force
        stage.pdp.released.set()
        said = call.result()
    assert said["code"] == "status_unknown" and said["retry"] == "after:1", said
    stage.honest()
    assert stage.validate("peek", proofs[0])["recorded"], "the proof is not spent"


def answers_that_are_too_large_stop_nobody_else(stage):
    stage.pdp.manner = lambda *_: reply(b'{"decision":true}' + b" " * 400000)
    for _ in range(6):
        stage.must_deny("policy_error", "its answer is too large")
    stage.honest()
    stage.must_permit()


def engines_are_told_of_so_many_destinations_and_no_more(stage):
    root = stage.writ.run("task open engines --grant mail")
    mail = {"tool": "mail", "child": root}
    stage.pdp.questions.clear()
    for to in (["a@x.test"] * 65, ["a" * 9000] * 2):
        stage.must_deny("policy_error", "destinations", to=to, **mail)
    assert not stage.pdp.questions
    stage.call(to=["a@x.test"] * 64, **mail)
    assert stage.pdp.questions


def a_batch_ends_before_its_first_permit_does(stage):
    def slowly(question, connection):
        time.sleep(1)
        return permit(question, connection)

    child = stage.delegate()
    proofs = stage.proofs("read_file", child, 8)
    stage.pdp.manner = slowly
    said, _ = stage.post("/access/v1/evaluations", stage.evaluations("read_file", proofs))
    answered = datetime.datetime.now(datetime.UTC)
    first, *_, last = said["evaluations"]
    assert first["decision"] is True and len(said["evaluations"]) == len(proofs), said
    start_by = datetime.datetime.fromisoformat(first["context"]["start_by"])
    assert answered < start_by, (answered, start_by)
    assert last["decision"] is False and last["context"]["code"] == "rate_limited", last
    stage.honest()
    assert "id" in stage.validate("read_file", proofs[-1]), "the proof is not spent"


def grants_are_asked_about_in_one_batch(stage):
    stage.pdp.questions.clear()
    stage.writ.run("task open engines --grant", GRANT)
    ((method, path, _), _, question) = stage.pdp.questions[-1]
    assert (method, path) == ("POST", "/access/v1/evaluations")
    assert question["subject"] == {"type": "client", "id": "desk", "properties": {"role": "issuer"}}
    assert question["action"] == {"name": "issue"}
    assert question["options"] == {"evaluations_semantic": "execute_all"}
    assert question["context"]["to"] == {"name": "planner", "role": "orchestrator"}
    names = [each["resource"]["properties"]["name"] for each in question["evaluations"]]
    assert sorted(names) == ["read_file", "write_file"]


def what_a_grant_may_not_have_is_refused_or_cut(stage):
    def no_writing(question, _connection):
        asked = question.get("evaluations", [question])
        said = [{"decision": "write" not in each["resource"]["id"]} for each in asked]
        return reply({"evaluations": said} if "evaluations" in question else said[0])

    stage.pdp.manner = no_writing
    stage.writ.run("task open engines --grant", GRANT, status=3)
    assert "policy_denied" in stage.writ.errors and "tools.write_file" in stage.writ.errors
    opened = stage.writ.json("task open engines --narrow --grant", GRANT)
    assert "write_file" not in json.dumps(opened["delegation"]["notation"])
    for lie in ([{"decision": True}], [{"decision": True}] * 3, {"decision": True}, None):
        stage.pdp.manner = lambda *_, lie=lie: reply({"evaluations": lie, "decision": True})
        stage.writ.run("task open engines --grant", GRANT, status=1)
        assert "policy_error" in stage.writ.errors, (lie, stage.writ.errors)
    stage.honest()
    assert stage.delegate()


def an_obligation_asks_a_person_and_another_answer_voids_the_approval(stage):
    def with_approval(version):
        context = {"obligations": [{"type": "approval", "approvers": ["finance"]}]}
        context |= {"version": version, "policies": ["large"]}
        return lambda *_: reply({"decision": True, "context": context})

    child = stage.delegate()
    words = {"child": child, "tool": "write_file"}
    stage.pdp.manner = with_approval("v1")
    approval = stage.must_deny("approval_required", **words).split()[-1]
    rules = stage.writ.json(f"approval show {approval}")["rules"]
    assert rules[0]["approvers"] == ["finance"] and rules[0]["policy"] == "authzen:obligation"
    stage.writ.run(f"approval approve {approval} --approver ann --key ann.jwk", stdin="yes\n")
    stage.pdp.manner = with_approval("v2")
    stage.must_deny("approval_invalid", words=f"--approval {approval}", **words)
    stage.pdp.manner = lambda *_: reply({"decision": False})
    stage.must_deny("policy_denied", words=f"--approval {approval}", **words)
    stage.pdp.manner = with_approval("v1")
    stage.pdp.questions.clear()
    stage.must_permit(words=f"--approval {approval}", **words)
    stage.must_deny("approval_invalid", words=f"--approval {approval}", **words)
    told = [question["context"]["approvals"] for _, _, question in stage.pdp.questions]
    assert told == [["ann", "finance"], []], told


def one_that_is_away_is_not_asked_for_a_while_and_comes_back(stage):
    away = 'writ_policy_engine_away{engine="authzen"}'
    assert stage.metric(away) == 0
    opened = stage.log.read_text().count("event=policy_engine_away engine=authzen")
    stage.pdp.stop()
    said = [stage.must_deny("policy_error", "policy engine authzen") for _ in range(10)]
    assert "it can not be reached" in said[0]
    assert any("is not asked for a second" in each for each in said), said
    assert stage.metric(away) == 1
    with urllib.request.urlopen(f"{stage.writ.url}/readyz", timeout=10) as answer:
        assert json.load(answer)["ready"]
    stage.pdp.start()
    stage.await_permit()
    assert stage.metric(away) == 0
    log = stage.log.read_text()
    assert log.count("event=policy_engine_away engine=authzen") == opened + 1
    assert log.count("event=policy_engine_back engine=authzen") == opened + 1


def answers_are_counted(stage):
    name = 'writ_policy_answers_total{engine="authzen",answer="%s"}'
    before = [stage.metric(name % kind) for kind in ("permitted", "denied", "failed")]
    stage.must_permit()
    stage.pdp.manner = lambda *_: reply({"decision": False})
    stage.must_deny("policy_denied")
    stage.pdp.manner = lambda *_: reply({})
    stage.must_deny("policy_error")
    after = [stage.metric(name % kind) for kind in ("permitted", "denied", "failed")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1]
