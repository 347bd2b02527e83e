-- Admits children, many at once, each by itself: judged again in the transaction that records them,
-- under the shared locks of their tasks. A row each, in their order: the outcome that refuses, or
-- null. What a body says, and that it is narrower than its parent's, is recorded where it is new.
-- $1 tasks  $2 ids  $3 parents  $4 depths  $5 max_depths  $6 issued_at  $7 expires_at
-- $8 digests of their bodies  $9 authorities  $10 effective terms  $11 hashes of their parents, as
-- signed  $12 token hashes  $13 holders  $14 tokens  $15 jtis  $16 agents  $17 audiences
-- $18 handles, sha256  $19 clients  $20 attributed  $21 idempotency keys or null
-- $22 request sha256  $23 answers, sealed
-- The links of all lines above them: $24 of which of them (from 1)  $25 tasks  $26 delegations
-- $27 holders.   $28 lease seconds
-- `offset 0` keeps a look-up a look-up by its index: without it, a plan that was made while a table
-- was small reads all of it once a batch, for as long as nothing has the plan made anew.
with item as materialized (
    select *
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[],
                  $6::timestamptz[], $7::timestamptz[], $8::bytea[], $9::bytea[], $10::bytea[],
                  $11::bytea[], $12::bytea[], $13::text[], $14::bytea[], $15::text[], $16::text[],
                  $17::jsonb[], $18::bytea[], $19::text[], $20::boolean[], $21::text[],
                  $22::bytea[], $23::bytea[])
           with ordinality
        as i (task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, authority,
              terms, parent_hash, token_hash, holder, token, jti, agent, audience, handle_sha256,
              client_id, attributed, key, body_sha256, answer_sealed, n)
), fault as materialized (
    -- Of the lines that are not whole: whether a link is revoked or has lapsed; else one is stopped.
    select n, bool_or(is_revoked) as is_revoked, bool_or(is_lapsed) as is_lapsed
      from (select l.n,
                   exists (select from writ.revocation r
                            where r.task_id = l.task_id and r.delegation_id = l.delegation_id
                           offset 0)
                   or exists (select from writ.holder_revocation h where h.thumbprint = l.holder
                              offset 0) as is_revoked,
                   not exists (select from writ.lease s
                                where s.task_id = l.task_id and s.delegation_id = l.delegation_id
                                  and s.expires_at > statement_timestamp()
                               offset 0) as is_lapsed,
                   exists (select from writ.circuit c
                            where c.task_id = l.task_id and c.delegation_id = l.delegation_id
                              and c.until > statement_timestamp() and c.closed_at is null
                           offset 0) as is_stopped
              from unnest($24::bigint[], $25::uuid[], $26::uuid[], $27::text[])
                as l (n, task_id, delegation_id, holder)) link
     where is_revoked or is_lapsed or is_stopped
     group by n
), fate as materialized (
    select i.*, p.depth as parent_depth, p.max_depth as parent_max_depth,
           p.issued_at as parent_issued_at, p.expires_at as parent_expires_at,
           p.digest as parent_digest, p.holder as parent_holder,
           case
               when p.id is null then 'unregistered'
               when not exists (select from writ.task t
                                 where t.task_id = i.task_id and t.deadline > statement_timestamp()
                                offset 0)
                 or exists (select from writ.task_end e where e.task_id = i.task_id offset 0)
                   then 'task_closed'
               when f.is_revoked
                 or exists (select from writ.holder_revocation h where h.thumbprint = i.holder
                            offset 0)
                   then 'revoked'
               when f.is_lapsed then 'lapsed'
               when f.n is not null then 'circuit_open'
               when p.expires_at <= statement_timestamp() then 'expired'
               when i.attributed and not exists (
                       select from writ.holder h
                         join writ.agent a on a.name = h.agent and a.retired_at is null
                        where h.thumbprint = i.holder and h.agent = i.agent
                       offset 0)
                   then 'holder_binding_failed'
           end as outcome
      from item i
      left join fault f on f.n = i.n
      left join lateral (
          select d.* from writ.delegation d
           where d.task_id = i.task_id and d.id = i.parent_id and d.token_hash = i.parent_hash
          offset 0) p on true
), fresh as materialized (
    select distinct on (f.task_id, f.parent_digest, f.digest)
           f.task_id, f.parent_digest, f.digest, f.authority, f.terms
      from fate f
     where f.outcome is null
       and not exists (select from writ.narrowing w
                        where w.task_id = f.task_id and w.parent_digest = f.parent_digest
                          and w.digest = f.digest
                       offset 0)
     order by f.task_id, f.parent_digest, f.digest
), body as (
    insert into writ.body (task_id, authority_json, terms_json)
    select distinct on (f.task_id, f.digest) f.task_id, f.authority, f.terms
      from fresh f
     order by f.task_id, f.digest
    on conflict do nothing
), narrowing as (
    insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
                                terms_json)
    select f.task_id, b.authority_json, b.terms_json, f.authority, f.terms
      from fresh f
      join writ.body b on b.task_id = f.task_id and b.digest = f.parent_digest
     order by f.task_id, f.parent_digest, f.digest
    on conflict do nothing
), link as (
    insert into writ.delegation (
        task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, token_hash,
        holder, parent_depth, parent_max_depth, parent_issued_at, parent_expires_at, parent_digest,
        parent_hash, parent_holder, token, jti, agent, attributed, audience, handle_sha256, admitted_by)
    select f.task_id, f.id, f.parent_id, f.depth, f.max_depth, f.issued_at, f.expires_at,
           f.digest, f.token_hash, f.holder, f.parent_depth, f.parent_max_depth,
           f.parent_issued_at, f.parent_expires_at, f.parent_digest, f.parent_hash,
           f.parent_holder, f.token, f.jti, f.agent, f.attributed, f.audience, f.handle_sha256,
           f.client_id
      from fate f
     where f.outcome is null
     order by f.n
), lease as (
    -- Its line lasts no longer than its parent's. Null where that is: least() would skip it.
    insert into writ.lease (task_id, delegation_id, expires_at, line_until)
    select f.task_id, f.id, e.expires_at,
           (select least(s.line_until, e.expires_at) from writ.lease s
             where s.task_id = f.task_id and s.delegation_id = f.parent_id
               and s.line_until is not null
            offset 0)
      from fate f
      cross join (select statement_timestamp() + make_interval(secs => $28::integer))
              as e (expires_at)
     where f.outcome is null
     order by f.n
), key as (
    insert into writ.idempotency (client_id, key, route, body_sha256, status, response_sealed,
                                  task_id)
    select f.client_id, f.key, 'delegations', f.body_sha256, 201, f.answer_sealed, f.task_id
      from fate f
     where f.outcome is null and f.key is not null
     order by f.n
)
select f.outcome from fate f order by f.n
