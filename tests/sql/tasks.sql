-- 48 tasks, each with a root, a child, a revoked child, their leases and a decision; read by
-- ./purity, which gives the ids: psql's variable born is the head of a UUIDv7 of today, as decisions
-- are partitioned by the time in theirs. Behind it stand the kind (0 task, 1 root, 2 child,
-- 3 decision, 4 the child that is revoked) and the number.

begin;

create temporary table made on commit drop as
    select n, (:'born' || '-7000-8000-0000' || to_char(n, 'FM00000000'))::uuid as task_id,
           (:'born' || '-7000-8000-0001' || to_char(n, 'FM00000000'))::uuid as root,
           (:'born' || '-7000-8000-0002' || to_char(n, 'FM00000000'))::uuid as child,
           (:'born' || '-7000-8000-0003' || to_char(n, 'FM00000000'))::uuid as decision,
           (:'born' || '-7000-8000-0004' || to_char(n, 'FM00000000'))::uuid as revoked
      from generate_series(0, 47) n;

insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by)
    select task_id, 'ann', 'test', '{}', now() + interval '1 hour', 'issuer' from made;

insert into writ.body (task_id, authority_json, terms_json)
    select task_id, convert_to(:'authority', 'UTF8'), convert_to(:'terms', 'UTF8') from made;

insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
                            terms_json)
    select task_id, authority_json, terms_json, authority_json, terms_json from writ.body;

insert into writ.delegation (
        task_id, id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
        task_deadline, token, jti, agent, admitted_by)
    select task_id, m.root, 0, 3, t.opened_at, t.deadline, b.digest,
           decode(repeat('a1', 32), 'hex'), 'root-key', t.deadline, '\x01', 'r', 'planner', 'client'
      from made m join writ.task t using (task_id) join writ.body b using (task_id);

insert into writ.delegation (
        task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
        parent_depth, parent_max_depth, parent_issued_at, parent_expires_at, parent_digest,
        parent_hash, parent_holder, token, jti, agent, admitted_by)
    select task_id, c.id, p.id, 1, 3, p.issued_at, p.expires_at, p.digest,
           decode(repeat(c.hash, 32), 'hex'), c.holder, p.depth, p.max_depth, p.issued_at,
           p.expires_at, p.digest, p.token_hash, p.holder, '\x02', 'c', 'retriever', 'client'
      from made m
      join writ.delegation p using (task_id)
      cross join lateral (values (m.child, 'a2', 'child-key'), (m.revoked, 'a4', 'revoked-key'))
        as c (id, hash, holder);

insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
    select task_id, revoked, 'revoked', n + 1, 'client' from made;
insert into writ.circuit (task_id, delegation_id, opened_at, until, cause)
    select task_id, revoked, now(), now() + interval '1 hour', 'refusals' from made;

-- Near their end, so that a permit renews them.
insert into writ.lease (task_id, delegation_id, expires_at)
    select task_id, id, now() + interval '1 minute' from writ.delegation;

insert into writ.decision (task_id, id, at, client_id, audience, tool, verdict, outcome)
    select task_id, decision, now(), 'files', 'https://files.example', 'read_file', 'deny', 'revoked'
      from made;

-- One that ann is asked for and nobody has to approve, so it is.
insert into writ.approver (name, groups, public_key, thumbprint)
    values ('ann', '{}', sha256('ann'), writ.thumbprint(sha256('ann')));
insert into writ.approval (task_id, id, expires_at, delegation_id, decision_id, client_id, audience,
                           tool, arguments, bound, rules, owners, holders, asked_sha256)
    select task_id, decision, now() + interval '1 hour', child, decision, 'files',
           'https://files.example', 'read_file', '{}', '\x06',
           '[{"approvers": ["ann"], "quorum": 0}]', '{}', '{}', decode(repeat('d2', 32), 'hex')
      from made;

insert into writ.approval_notice (task_id, approval_id, event, at, next_at)
    select task_id, decision, 'requested', now(), now() from made;

-- Its label, and a wish to lower it that needs nobody's approval either.
insert into writ.task_label (task_id, number, cause, decision_id, adds, label)
    select task_id, 1, 'read', decision, l.label, l.label
      from made,
           (select '{"confidentiality": "internal", "integrity": "trusted", "categories": []}'::jsonb) as l (label);
insert into writ.declassification (task_id, id, requested_at, requested_by, from_number, from_label,
                                   label, reason)
    select task_id, root, now() - interval '2 minutes', 'admin', 1, l.label, writ.label_bottom(), 'test'
      from made
      join writ.task_label l using (task_id);
insert into writ.approval (task_id, id, expires_at, delegation_id, client_id, arguments, bound, rules,
                           owners, holders, declassification_id)
    select task_id, root, now() + interval '1 hour', root, 'admin', '{}', '\x07',
           '[{"approvers": ["ann"], "quorum": 0}]', '{}', '{}', root
      from made;

-- The operator's default and one in usd, out of which the child's is carved; the decision holds some.
insert into writ.account (task_id, delegation_id, entry, unit, granted, carved)
    select task_id, root, entry, unit, 1000, carved
      from made, (values (0, 'calls', 0), (1, 'usd', 20)) as e (entry, unit, carved);
insert into writ.account (task_id, delegation_id, entry, unit, granted, reserved, from_id,
                          from_entry)
    select task_id, child, 1, 'usd', 20, 5, root, 1 from made;
insert into writ.reservation (task_id, decision_id, delegation_id, entry, amount)
    select task_id, decision, child, 1, 5 from made;
insert into writ.denial (task_id, digest, delegation_id, slot, outcome, decision_id)
    select task_id, decode(repeat('d0', 32), 'hex'), root, 1, 'policy_denied', decision from made;

commit;
