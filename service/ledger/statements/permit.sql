-- Records what memory would permit, after judging again what must be exact: task, revocations,
-- keys, leases, and for a tool with effects that the proof is new. One row: the outcome that
-- denies, or null; the hop; the id and body of an earlier request under the same key.
-- $1 task  $2 id  $3 delegation  $4 line (root to leaf)  $5 their holders  $6 client  $7 audience
-- $8 tool  $9 arguments  $10 arguments_sha256  $11 request_sha256  $12 agent  $13 holder
-- $14 proof jti  $15 proof iat  $16 leaf hash  $17 start_by  $18 has effects
-- $19 idempotency key or null  $20 lease seconds  $21 at
with earlier as (
    select i.body_sha256, i.route, i.decision_id
      from writ.idempotency i
     where $19::text is not null and i.client_id = $6::text and i.key = $19::text
), live as (
    select case
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
        when $15::timestamptz < (select greatest(to_timestamp(f.bucket * 3600), f.since)
                                   from writ.proof_floor f) then 'expired'
    end as outcome
), fault as (
    -- The first link that is revoked or lapsed, for the answer.
    select min(u.n) - 1 as hop
      from unnest($4::uuid[], $5::text[]) with ordinality as u (id, key, n)
     where (select outcome from live) in ('revoked', 'lapsed')
       and (exists (select from writ.revocation r
                     where r.task_id = $1::uuid and r.delegation_id = u.id)
            or exists (select from writ.holder_revocation h where h.thumbprint = u.key)
            or ((select outcome from live) = 'lapsed'
                and not exists (select from writ.lease l
                                 where l.task_id = $1::uuid and l.delegation_id = u.id
                                   and l.expires_at > statement_timestamp())))
), once as (
    insert into writ.proof_used (task_id, leaf_hash, jti, bucket, iat, decision_id)
    select $1::uuid, $16::bytea, $14::text, floor(extract(epoch from $15::timestamptz) / 3600)::bigint,
           $15::timestamptz, $2::uuid
     where $18::boolean and (select outcome from live) is null and not exists (select from earlier)
       and not exists (
            select from writ.proof_used p
             where p.task_id = $1::uuid and p.leaf_hash = $16::bytea and p.jti = $14::text
               and p.bucket between floor(extract(epoch from $15::timestamptz) / 3600)::bigint - 1
                                and floor(extract(epoch from $15::timestamptz) / 3600)::bigint + 1)
    on conflict do nothing
    returning 1
), verdict as (
    select coalesce(l.outcome,
                    case when exists (select from earlier) then null
                         when $18::boolean and not exists (select from once) then 'replayed'
                    end) as outcome
      from live l
), record as (
    insert into writ.decision (
        task_id, id, at, delegation_id, client_id, audience, tool, verdict, outcome, hop, field,
        arguments, arguments_sha256, request_sha256, agent, holder, proof_jti, start_by, idempotency_key)
    select $1::uuid, $2::uuid, $21::timestamptz, $3::uuid, $6::text, $7::text, $8::text,
           case when v.outcome is null then 'permit' else 'deny' end, v.outcome,
           (select hop from fault), case v.outcome when 'replayed' then 'aat_pop' end,
           $9::bytea, $10::bytea, $11::bytea, $12::text, $13::text, $14::text,
           case when v.outcome is null then $17::timestamptz end, $19::text
      from verdict v
     where v.outcome is not null or not exists (select from earlier)
), key as (
    insert into writ.idempotency (client_id, key, route, body_sha256, decision_id, task_id)
    select $6::text, $19::text, 'validate', $11::bytea, $2::uuid, $1::uuid
      from verdict v
     where $19::text is not null and v.outcome is null and not exists (select from earlier)
), renewed as (
    update writ.lease l
       set expires_at = statement_timestamp() + make_interval(secs => $20::integer)
     where (select outcome from verdict) is null
       and not exists (select from earlier)
       and l.task_id = $1::uuid
       and l.delegation_id in (
            select d.delegation_id from writ.lease d
             where d.task_id = $1::uuid and d.delegation_id = any($4::uuid[])
               and d.expires_at < statement_timestamp()
                                  + make_interval(secs => $20::integer * 2 / 3)
             order by d.delegation_id
               for update skip locked)
)
select v.outcome, (select hop from fault) as hop,
       (select decision_id from earlier) as earlier_id,
       (select body_sha256 = $11::bytea and route = 'validate' from earlier) as earlier_same
  from verdict v
