-- Tasks of a hundred delegations each, after the example of one task: a root and 99 children of it,
-- with the bodies and tokens of that root and of its first child. Variables: task, count (of tasks).
-- No foreign keys are asked: copies are taken from what they are copies of.
begin;
set local session_replication_role = replica;
set local synchronous_commit = off;

create temporary table filled on commit drop as
select gen_random_uuid() as task_id, gen_random_uuid() as root_id
  from generate_series(1, :count);

insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
select f.task_id, t.principal, t.purpose, t.evidence, t.deadline, t.opened_by, t.opened_at
  from filled f, writ.task t
 where t.task_id = :'task';

insert into writ.body (task_id, authority_json, terms_json)
select f.task_id, b.authority_json, b.terms_json
  from filled f, writ.body b
 where b.task_id = :'task';

insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
                            terms_json)
select f.task_id, n.parent_authority_json, n.parent_terms_json, n.authority_json, n.terms_json
  from filled f, writ.narrowing n
 where n.task_id = :'task';

insert into writ.delegation (
    task_id, id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
    task_deadline, token, jti, agent, attributed, admitted_by)
select f.task_id, f.root_id, r.depth, r.max_depth, r.issued_at, r.expires_at, r.digest,
       sha256(f.root_id::text::bytea), r.holder, r.task_deadline, r.token, f.root_id::text, r.agent,
       false, 'bench'
  from filled f, writ.delegation r
 where r.task_id = :'task' and r.parent_id is null;

insert into writ.delegation (
    task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
    parent_depth, parent_max_depth, parent_issued_at, parent_expires_at, parent_digest,
    parent_hash, parent_holder, token, jti, agent, attributed, admitted_by)
select f.task_id, gen_random_uuid(), f.root_id, c.depth, c.max_depth, c.issued_at, c.expires_at,
       c.digest, sha256((f.root_id::text || i)::bytea), c.holder, c.parent_depth,
       c.parent_max_depth, c.parent_issued_at, c.parent_expires_at, c.parent_digest,
       sha256(f.root_id::text::bytea), c.parent_holder, c.token, i::text, c.agent, false, 'bench'
  from filled f, generate_series(1, 99) as i,
       (select d.* from writ.delegation d
         where d.task_id = :'task' and d.depth = 1 order by d.id limit 1) as c;

insert into writ.lease (task_id, delegation_id, expires_at)
select d.task_id, d.id, statement_timestamp() + interval '1 hour'
  from filled f
  join writ.delegation d on d.task_id = f.task_id;

commit;
