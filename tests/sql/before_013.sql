-- What a ledger held before sql/013: 10 tasks, each with a root, three children that say the same, and
-- two grandchildren that say no less; and tools of every effect. Read by ./upgrade.

create temporary table body as
    select '{"read": {"path": {"constraint_type": "path_containment", "root": "/notes"}},
             "pay": {"amount": {"constraint_type": "range", "max": 1.50}}}'::jsonb as wide,
           '{"read": {"path": {"constraint_type": "exact", "value": "/notes/é"}}}'::jsonb as narrow,
           '{"clearance": {"confidentiality": "internal", "integrity": "untrusted",
                           "categories": ["pii"]},
             "approval": [], "call_only": [], "barred": [], "budget": []}'::jsonb as terms;

insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by)
    select gen_random_uuid(), 'ann', 'test', '{}', now() + interval '1 hour', 'issuer'
      from generate_series(1, 10);

insert into writ.delegation (
        task_id, id, depth, max_depth, issued_at, expires_at, authority, terms, token_hash, holder,
        task_deadline, token, jti, agent, admitted_by)
    select task_id, gen_random_uuid(), 0, 3, opened_at, deadline, wide, terms, sha256('root'), 'r',
           deadline, '\x01', 'r', 'planner', 'client'
      from writ.task, body;

-- Those of depth 1, then those of depth 2.
create procedure pg_temp.add(below integer, copies integer) language sql as $$
    insert into writ.delegation (
            task_id, id, parent_id, depth, max_depth, issued_at, expires_at, authority, terms,
            token_hash, holder, parent_depth, parent_max_depth, parent_issued_at, parent_expires_at,
            parent_authority, parent_terms, parent_hash, parent_holder, token, jti, agent,
            admitted_by)
        select p.task_id, gen_random_uuid(), p.id, p.depth + 1, p.max_depth, p.issued_at,
               p.expires_at, narrow, p.terms, sha256(convert_to(below || ' ' || i, 'UTF8')), 'h',
               p.depth, p.max_depth, p.issued_at, p.expires_at, p.authority, p.terms, p.token_hash,
               p.holder, '\x02', 'c', 'retriever', 'client'
          from (select distinct on (task_id) * from writ.delegation
                 where depth = below order by task_id, id) p,
               body, generate_series(1, copies) i
$$;
call pg_temp.add(0, 3);
call pg_temp.add(1, 2);

insert into writ.tool (audience, name, effect)
    values ('a', 'read', 'read'), ('a', 'write', 'write'), ('a', 'pay', 'irreversible');

insert into writ.lease (task_id, delegation_id, expires_at)
    select task_id, id, now() + interval '5 minutes' from writ.delegation;
insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
    select task_id, id, 'revoked', row_number() over (order by id), 'client'
      from (select distinct on (task_id) * from writ.delegation where depth = 1 order by task_id, id)
        one
     order by id
     limit 5;
