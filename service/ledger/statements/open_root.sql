-- The root of a task that was inserted in the same transaction, and its body.
-- $1 task  $2 id  $3 max_depth  $4 issued_at  $5 expires_at  $6 authority  $7 terms  $8 token_hash
-- $9 holder  $10 token  $11 jti  $12 agent  $13 audience  $14 handle_sha256  $15 admitted_by
-- $16 lease seconds
with body as (
    insert into writ.body (task_id, authority_json, terms_json)
    values ($1::uuid, $6::bytea, $7::bytea)
    returning digest
), link as (
    insert into writ.delegation (
        task_id, id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
        task_deadline, token, jti, agent, audience, handle_sha256, admitted_by)
    select $1::uuid, $2::uuid, 0, $3::integer, $4::timestamptz, $5::timestamptz, b.digest,
           $8::bytea, $9::text, t.deadline, $10::bytea, $11::text, $12::text, $13::jsonb,
           $14::bytea, $15::text
      from writ.task t, body b
     where t.task_id = $1::uuid
    returning task_id, id
)
insert into writ.lease (task_id, delegation_id, expires_at, line_until)
select l.task_id, l.id, e.expires_at, e.expires_at
  from link l, (select statement_timestamp() + make_interval(secs => $16::integer)) as e (expires_at)
