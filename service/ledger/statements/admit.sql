-- Admits a child: judged again in the transaction that records it, under the task's shared lock.
-- $1 task  $2 id  $3 parent  $4 line (root to parent)  $5 holders of the line and the child's
-- $6 depth  $7 max_depth  $8 issued_at  $9 expires_at  $10 authority  $11 terms  $12 token_hash
-- $13 holder  $14 token  $15 jti  $16 agent  $17 audience  $18 handle_sha256  $19 admitted_by
-- $20 lease seconds  $21 attributed  $22 idempotency key or null  $23 body_sha256
-- $24 the answer, sealed
with parent as (
    select * from writ.delegation d where d.task_id = $1::uuid and d.id = $3::uuid
), fate as (
    select case
        when not exists (select from parent) then 'unregistered'
        when not exists (select from writ.task t
                          where t.task_id = $1::uuid and t.deadline > statement_timestamp())
          or exists (select from writ.task_end e where e.task_id = $1::uuid) then 'task_closed'
        when exists (select from writ.revocation r
                      where r.task_id = $1::uuid and r.delegation_id = any($4::uuid[]))
          or exists (select from writ.holder_revocation h where h.thumbprint = any($5::text[]))
            then 'revoked'
        when (select count(*) from writ.lease l
               where l.task_id = $1::uuid and l.delegation_id = any($4::uuid[])
                 and l.expires_at > statement_timestamp()) <> cardinality($4::uuid[])
            then 'lapsed'
        when exists (select from writ.circuit c
                      where c.task_id = $1::uuid and c.delegation_id = any($4::uuid[])
                        and c.until > statement_timestamp() and c.closed_at is null)
            then 'circuit_open'
        when $21::boolean and not exists (
                select from writ.holder h
                  join writ.agent a on a.name = h.agent and a.retired_at is null
                 where h.thumbprint = $13::text and h.agent = $16::text)
            then 'holder_binding_failed'
    end as outcome
), link as (
    insert into writ.delegation (
        task_id, id, parent_id, depth, max_depth, issued_at, expires_at, authority, terms,
        token_hash, holder, parent_depth, parent_max_depth, parent_issued_at, parent_expires_at,
        parent_authority, parent_terms, parent_hash, parent_holder, token, jti, agent, attributed,
        audience, handle_sha256, admitted_by)
    select $1::uuid, $2::uuid, p.id, $6::integer, $7::integer, $8::timestamptz, $9::timestamptz,
           $10::jsonb, $11::jsonb, $12::bytea, $13::text, p.depth, p.max_depth, p.issued_at,
           p.expires_at, p.authority, p.terms, p.token_hash, p.holder, $14::bytea, $15::text,
           $16::text, $21::boolean, $17::jsonb, $18::bytea, $19::text
      from parent p
     where (select outcome from fate) is null
    returning id
), lease as (
    insert into writ.lease (task_id, delegation_id, expires_at)
    select $1::uuid, id, statement_timestamp() + make_interval(secs => $20::integer) from link
), key as (
    insert into writ.idempotency (client_id, key, route, body_sha256, status, response_sealed,
                                  task_id)
    select $19::text, $22::text, 'delegations', $23::bytea, 201, $24::bytea, $1::uuid
      from link
     where $22::text is not null
)
select outcome from fate
