-- Children of one node, as they would have been admitted. Variables: task, node, count.
-- No foreign keys are asked: the copy is taken from the parent itself, in the same statement.
begin;
set local session_replication_role = replica;

-- They say what their parent says.
insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
                            terms_json)
select b.task_id, b.authority_json, b.terms_json, b.authority_json, b.terms_json
  from writ.delegation p
  join writ.body b on b.task_id = p.task_id and b.digest = p.digest
 where p.task_id = :'task' and p.id = :'node'
on conflict do nothing;

insert into writ.delegation (
    task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
    parent_depth, parent_max_depth, parent_issued_at, parent_expires_at, parent_digest,
    parent_hash, parent_holder, token, jti, agent, attributed, admitted_by)
select p.task_id, gen_random_uuid(), p.id, p.depth + 1, p.max_depth, p.issued_at, p.expires_at,
       p.digest, sha256((p.id::text || i)::bytea), p.holder, p.depth, p.max_depth, p.issued_at,
       p.expires_at, p.digest, p.token_hash, p.holder, p.token, i::text, p.agent, false, 'bench'
  from writ.delegation p, generate_series(1, :count) as i
 where p.task_id = :'task' and p.id = :'node';

insert into writ.lease (task_id, delegation_id, expires_at)
select d.task_id, d.id, statement_timestamp() + interval '1 hour'
  from writ.delegation d
 where d.task_id = :'task' and d.parent_id = :'node' and d.admitted_by = 'bench'
on conflict do nothing;

commit;
