-- Records what memory would permit, after judging again what must be exact: task, revocations,
-- keys, leases, the task's label (W5), the accounts (W4), and for a tool with effects that the proof
-- is new. Many at once, each by itself; a row each, in their order: the outcome that denies, or
-- null; the hop, field and detail; the id and body of an earlier request under the same key; the
-- task's label after it, and whether a replica may go on from it; what its accounts have left.
-- `conflict`, which nothing records: the label has to rise under the lock of the task alone, so this
-- is to be asked again in that way; or the label is another than policies judged by, and they have to
-- judge anew. While people are asked to lower the label, a read of more than that counts as a rise
-- (sql/020, is_beyond_a_wish); other tasks do not look. Where two fit into an account one by one and
-- not together, its CHECK says so, and they come one by one.
-- $1 tasks  $2 ids  $3 delegations  $4 clients  $5 audiences  $6 tools  $7 arguments
-- $8 arguments_sha256  $9 request_sha256  $10 agents  $11 holders  $12 proof jtis  $13 proof iats
-- $14 leaf hashes  $15 start_by  $16 have effects  $17 idempotency keys or null  $18 at
-- The links of all their lines, root to leaf: $19 how many each line has  $20 where it begins, from 1
-- $21 delegations  $22 holders.   $23 lease seconds  $24 what was asked, by digest (denial)
-- $25 seconds that a proof may be old  $26 versions of the policies, 0 for none
-- $27 approvals or null  $28 the digests that they are of
-- Their labels: $29 what each returns  $30 which may raise (they hold their task's lock alone; one
-- for each task)  $31 what may leave by it, or null where nothing does  $32 what may leave to its
-- destination where that is pinned, or null  $33 since when it is, or null
-- What they ask of accounts, which are locked: $34 of which of them  $35 tasks  $36 delegations
-- $37 entries  $38 amounts  $39 to be reserved (else spent at once)  $40 hops  $41 names
-- $42 what remote engines said of each call, or null
-- $43 level and integrity that policies judged by, or null where none of them looks at the label
-- $44 $45 the hours from the one before the oldest of these proofs to the one after the newest
-- A proof near the end of an hour is entered in both hours, so that another one with its jti from
-- the other side, which a replica may judge at this moment, meets it in one key. The clocks of
-- replicas may differ by two minutes.
-- `offset 0` keeps a look-up a look-up: see admit.sql; `limit 1` too, and tells the planner that a link
-- has one lease, however many partitions there may be. What hardly any task has is asked for once a
-- line, and for each link only where the task has it. Leases are asked for link by link only when the
-- leaf's does not say that its whole line lasts for two thirds of one (sql/024): then those that are
-- due are renewed; when none is, the next use is told so. So a long line costs little more than a
-- short one.
with item as materialized (
    select *,
           floor((date_part('epoch', i.proof_iat) - $25::integer - 60) / 3600)::bigint
               as first_bucket,
           floor((date_part('epoch', i.proof_iat) + $25::integer + 60) / 3600)::bigint
               as last_bucket
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                  $7::bytea[], $8::bytea[], $9::bytea[], $10::text[], $11::text[], $12::text[],
                  $13::timestamptz[], $14::bytea[], $15::timestamptz[], $16::boolean[],
                  $17::text[], $18::timestamptz[], $24::bytea[], $26::bigint[], $27::uuid[],
                  $28::bytea[], $29::jsonb[], $30::boolean[], $31::jsonb[], $32::jsonb[],
                  $33::timestamptz[], $42::jsonb[], $43::jsonb[], $19::bigint[], $20::bigint[])
           with ordinality
        as i (task_id, id, delegation_id, client_id, audience, tool, arguments, arguments_sha256,
              request_sha256, agent, holder, proof_jti, proof_iat, leaf_hash, start_by,
              has_effects, key, at, asked_sha256, policy_version, approval_id, approval_sha256,
              adds, may_raise, release, release_pinned, pinned_at, policy_engines, judged_label,
              line_size, line_at, n)
), trouble as materialized (
    select array_agg(exists (select from writ.revocation r where r.task_id = t.task_id offset 0)
                     order by t.n) as has_revocations,
           array_agg(exists (select from writ.circuit c where c.task_id = t.task_id offset 0)
                     order by t.n) as has_circuits,
           array_agg(not exists (select from writ.lease s
                                  where s.task_id = t.task_id
                                    and s.delegation_id = t.delegation_id
                                    and s.line_until >= (select writ.renewal_due($23::integer))
                                 offset 0)
                     order by t.n) as may_be_due,
           exists (select from writ.holder_revocation h where h.thumbprint = any ($22::text[])
                   offset 0) as has_revoked_holders
      from unnest($1::uuid[], $3::uuid[]) with ordinality as t (task_id, delegation_id, n)
), link as materialized (
    -- Those that are revoked or stopped, and all of a line of which a lease may be due.
    -- line_until is the earliest end from the root to this link, if it may be told and is not yet.
    select l.n, l.task_id, l.delegation_id, l.hop, l.is_revoked, l.is_stopped, l.is_due,
           l.is_due and (l.expires_at > statement_timestamp()) is not true as is_lapsed,
           case when l.may_be_due and not (l.is_noted or bool_or(l.is_due) over above)
                then min(l.expires_at) over above end as line_until
      from (select k.n, k.task_id, k.delegation_id, k.hop, k.may_be_due,
                   s.expires_at, s.is_noted is true as is_noted,
                   k.may_be_due and s.is_due is not false as is_due,
                   coalesce(t.has_revocations[k.n], true)
                   and exists (select from writ.revocation r
                                where r.task_id = k.task_id and r.delegation_id = k.delegation_id
                               offset 0)
                   or t.has_revoked_holders
                   and exists (select from writ.holder_revocation h
                                where h.thumbprint = ($22::text[])[k.place]
                               offset 0) as is_revoked,
                   coalesce(t.has_circuits[k.n], true)
                   and exists (select from writ.circuit c
                                where c.task_id = k.task_id and c.delegation_id = k.delegation_id
                                  and c.until > statement_timestamp() and c.closed_at is null
                               offset 0) as is_stopped
              from trouble t
              cross join lateral (
                  select i.n::integer as n, i.task_id, u.delegation_id, u.n - 1 as hop,
                         i.line_at + u.n - 1 as place, t.may_be_due[i.n] is not false as may_be_due
                    from item i
                    cross join lateral
                         unnest(($21::uuid[])[i.line_at : i.line_at + i.line_size - 1])
                         with ordinality as u (delegation_id, n)
                   where coalesce(t.has_revocations[i.n] or t.has_circuits[i.n]
                                  or t.has_revoked_holders or t.may_be_due[i.n], true)
                  offset 0) k
              left join lateral (
                  select s.expires_at, s.expires_at < (select writ.renewal_due($23::integer)) as is_due,
                         s.line_until >= (select writ.renewal_due($23::integer)) as is_noted
                    from writ.lease s
                   where s.task_id = k.task_id and s.delegation_id = k.delegation_id
                     and k.may_be_due
                  limit 1) s on true) l
     where l.is_revoked or l.is_stopped or l.may_be_due
    window above as (partition by l.n order by l.hop)
), fault as materialized (
    -- Of the lines that are not whole: the first link that is revoked, the first that lapsed, and
    -- the first that is stopped.
    select n, min(hop) filter (where is_revoked) as revoked_hop,
           min(hop) filter (where not is_revoked and is_lapsed) as lapsed_hop,
           min(hop) filter (where is_stopped) as stopped_hop
      from link
     where is_revoked or is_lapsed or is_stopped
     group by n
), label as materialized (
    -- The label as it is, whether the call raises it, and whether people were asked about what is
    -- restricted. A link pins a destination only if the task was trusted when it was admitted:
    -- later, who chose it may have been told to.
    select i.n, l.number, l.label as previous, coalesce(l.label, writ.label_bottom()) as label,
           case when not writ.clearance_within(coalesce(l.label, writ.label_bottom()), i.adds)
                    then true
                when w.settled then false
                else writ.is_beyond_a_wish(i.task_id, l.number, i.adds) end as rises,
           case when i.release is null then null
                when i.pinned_at is not null
                 and coalesce((select p.label ->> 'integrity'
                                 from writ.task_label p
                                where p.task_id = i.task_id and p.at <= i.pinned_at
                                order by p.number desc limit 1), 'trusted') = 'trusted'
                    then writ.label_join(i.release, i.release_pinned)
                else i.release end as leaves,
           i.release is not null and coalesce(l.label ->> 'confidentiality' = 'restricted', false)
               as is_restricted, q.is_asked_for, w.settled
      from item i
      left join lateral (select not exists (select from writ.declassification c
                                             where c.task_id = i.task_id
                                            offset 0) as settled
                         offset 0) w on true
      left join lateral (select t.number, t.label
                           from writ.task_label t
                          where t.task_id = i.task_id
                          order by t.number desc limit 1) l on true
      left join lateral (
          select a.rules @> '[{"source": "label"}]' as is_asked_for from writ.approval a
           where a.task_id = i.task_id and a.id = i.approval_id
          offset 0) q on true
), live as materialized (
    select i.*, b.number, b.previous, b.label, b.rises, b.leaves, b.settled,
           b.is_restricted, coalesce(f.revoked_hop, f.lapsed_hop, f.stopped_hop) as hop,
           case
               when not exists (select from writ.task t
                                 where t.task_id = i.task_id and t.deadline > statement_timestamp()
                                offset 0)
                 or exists (select from writ.task_end e where e.task_id = i.task_id offset 0)
                   then 'task_closed'
               when f.revoked_hop is not null then 'revoked'
               when f.lapsed_hop is not null then 'lapsed'
               when f.stopped_hop is not null then 'circuit_open'
               -- By I3 no link outlives its parent. Memory asked its own clock, which may be set.
               when not exists (select from writ.delegation d
                                 where d.task_id = i.task_id and d.id = i.delegation_id
                                   and d.expires_at > statement_timestamp()
                                offset 0) then 'expired'
               when i.proof_iat < (select greatest(to_timestamp(o.bucket * 3600), o.since)
                                      from writ.proof_floor o) then 'expired'
               when b.leaves is not null and not writ.clearance_within(b.leaves, b.label)
                   then 'label_exceeded'
               when b.is_restricted and b.is_asked_for is not true then 'approval_required'
               when not b.label @> i.judged_label then 'conflict'
               when b.rises and not i.may_raise then 'conflict'
               -- Refused for the whole task: remembered at its root.
               else coalesce((select d.outcome from writ.denial d
                               where d.task_id = i.task_id and d.digest = i.asked_sha256
                                 and d.delegation_id = ($21::uuid[])[i.line_at]),
                             case when i.approval_id is not null and e.client_id is null
                                 then nullif(writ.approval_fault(i.task_id, i.approval_id,
                                                                 i.approval_sha256,
                                                                 b.is_restricted), '') end)
           end as outcome,
           i.has_effects and exists (
               select from writ.proof_used p
                where p.task_id = i.task_id and p.leaf_hash = i.leaf_hash and p.jti = i.proof_jti
                  and p.bucket between $44::bigint and $45::bigint
               offset 0) as is_spent,
           e.client_id is not null as is_earlier, e.decision_id as earlier_id,
           e.body_sha256 = i.request_sha256 and e.route = 'validate' as earlier_same
      from item i
      join label b on b.n = i.n
      left join fault f on f.n = i.n
      left join lateral (
          select e.* from writ.idempotency e where e.client_id = i.client_id and e.key = i.key
          offset 0) e on true
), asked as materialized (
    -- W4. What is frozen, closed or not there has less than nothing left. A repetition takes nothing.
    select k.n, k.ordinality, k.task_id, k.delegation_id, k.entry, k.is_reserved, k.hop, k.name,
           case when l.is_earlier then 0 else k.amount::numeric end as amount,
           case when a.frozen_at is null and a.closed_at is null then coalesce(a.remaining, -1)
                else -1 end as remaining,
           coalesce(a.granted, 0) as granted, a.frozen_at is not null as is_frozen
      from unnest($34::bigint[], $35::uuid[], $36::uuid[], $37::bigint[], $38::text[],
                  $39::boolean[], $40::bigint[], $41::text[])
           with ordinality
        as k (n, task_id, delegation_id, entry, amount, is_reserved, hop, name, ordinality)
      join live l on l.n = k.n and l.outcome is null
      left join lateral (
          select a.* from writ.account a
           where a.task_id = k.task_id and a.delegation_id = k.delegation_id and a.entry = k.entry
          offset 0) a on true
), debit as materialized (
    -- Taken: by this one and those before it, as far as they are not too much by themselves.
    select d.*, sum(case when d.amount <= d.remaining then d.amount else 0 end)
                    over (partition by d.task_id, d.delegation_id, d.entry order by d.n) as taken
      from asked d
), budget as materialized (
    select d.n, bool_or(d.amount > d.remaining) as is_over,
           (array_agg(d.hop order by d.hop, d.entry)
                filter (where d.amount > d.remaining))[1] as hop,
           (array_agg(trim_scale(greatest(d.remaining, 0)) || ' of ' || trim_scale(d.granted) || ' '
                      || d.name || case when d.is_frozen then ' remain in a frozen account'
                                        else ' remain' end
                      || '; the call asks for ' || trim_scale(d.amount)
                      order by d.hop, d.entry)
                filter (where d.amount > d.remaining))[1] as detail,
           array_agg(trim_scale(greatest(d.remaining - d.taken, 0))::text order by d.ordinality)
               as remaining
      from debit d
     group by d.n
), judged as materialized (
    select l.*, b.detail as shortage, b.remaining, coalesce(l.hop, b.hop) as at_hop,
           coalesce(l.outcome, case when b.is_over and not l.is_earlier then 'budget_exceeded' end)
               as fault
      from live l
      left join budget b on b.n = l.n
), once as (
    insert into writ.proof_used (task_id, leaf_hash, jti, bucket, iat, decision_id)
    select l.task_id, l.leaf_hash, l.proof_jti, b.bucket, l.proof_iat, l.id
      from judged l
      cross join lateral generate_series(l.first_bucket, l.last_bucket) as b (bucket)
     where l.has_effects and l.fault is null and not l.is_earlier and not l.is_spent
     order by l.n, b.bucket
    on conflict do nothing
    returning decision_id
), verdict as materialized (
    select l.*,
           coalesce(l.fault,
                    case when l.is_earlier then null
                         when not l.has_effects
                           or (l.id, l.last_bucket - l.first_bucket + 1)
                              in (select decision_id, count(*) from once group by decision_id)
                             then null
                         -- Spent at this moment, perhaps by the same request elsewhere: its key
                         -- shows to the next statement, which is asked instead.
                         when l.key is not null and not l.is_spent then 'conflict'
                         else 'replayed'
                    end) as verdict,
           -- A destination that another link may pin is no fault of the task.
           case when l.outcome = 'label_exceeded' and l.release_pinned is not null
                 and writ.clearance_within(writ.label_join(l.release, l.release_pinned), l.label)
                    then 'destination'
                when l.outcome = 'label_exceeded' then 'label'
                when l.outcome = 'approval_required'
                    then case when l.is_restricted then 'label' else 'approval' end
                when l.fault = 'budget_exceeded' then 'writ_terms.budget'
           end as field,
           case l.fault
               when 'approval_required'
                   then case when l.is_restricted then 'restricted data was read in this task'
                             else 'the approval waits for its answers' end
               when 'label_exceeded' then writ.label_excess(l.task_id, l.label, l.leaves)
               when 'budget_exceeded' then l.shortage
           end as detail,
           case when l.fault in ('revoked', 'lapsed', 'circuit_open', 'budget_exceeded')
                then l.at_hop end as fault_hop,
           case when l.rises then writ.label_join(l.label, l.adds) else l.label end as label_after
      from judged l
), permitted as materialized (
    -- Their ids, null for the others, each in its place: a join would be planned as a loop in a loop.
    select array_agg(case when v.verdict is null and not v.is_earlier then v.id end order by v.n)
               as ids
      from verdict v
), approved as (
    -- Spent once: another replica's permit by the same approval fails on the key.
    insert into writ.approval_use (task_id, approval_id, decision_id)
    select v.task_id, v.approval_id, v.id
      from verdict v
     where v.verdict is null and not v.is_earlier and v.approval_id is not null
), raised as (
    insert into writ.task_label (task_id, number, cause, decision_id, adds, label,
                                 previous_number, previous_label)
    select v.task_id, coalesce(v.number, 0) + 1, 'read', coalesce(v.earlier_id, v.id), v.adds,
           v.label_after, v.number, v.previous
      from verdict v
     where v.verdict is null and v.rises
     order by v.n
), record as (
    insert into writ.decision (
        task_id, id, at, delegation_id, client_id, audience, tool, verdict, outcome, hop, field,
        detail, arguments, arguments_sha256, request_sha256, agent, holder, proof_jti, start_by,
        idempotency_key, policy_version, policy_engines)
    select v.task_id, v.id, v.at, v.delegation_id, v.client_id, v.audience, v.tool,
           case when v.verdict is null then 'permit' else 'deny' end, v.verdict,
           v.fault_hop,
           case v.verdict when 'replayed' then 'aat_pop' else v.field end, v.detail,
           v.arguments, v.arguments_sha256, v.request_sha256, v.agent, v.holder, v.proof_jti,
           case when v.verdict is null then v.start_by end, v.key,
           nullif(v.policy_version, 0), v.policy_engines
      from verdict v
     where v.verdict <> 'conflict' or (v.verdict is null and not v.is_earlier)
     order by v.n
), debited as (
    update writ.account a
       set reserved = a.reserved + s.reserved, spent = a.spent + s.spent
      from (select d.task_id, d.delegation_id, d.entry,
                   coalesce(sum(d.amount) filter (where d.is_reserved), 0) as reserved,
                   coalesce(sum(d.amount) filter (where not d.is_reserved), 0) as spent
              from debit d
              join permitted p on p.ids[d.n::integer] is not null
             group by d.task_id, d.delegation_id, d.entry) as s
     where a.task_id = s.task_id and a.delegation_id = s.delegation_id and a.entry = s.entry
), reserved as (
    insert into writ.reservation (task_id, decision_id, delegation_id, entry, amount)
    select d.task_id, p.ids[d.n::integer], d.delegation_id, d.entry, d.amount
      from debit d
      join permitted p on p.ids[d.n::integer] is not null
     where d.is_reserved
     order by d.ordinality
), key as (
    insert into writ.idempotency (client_id, key, route, body_sha256, decision_id, task_id)
    select v.client_id, v.key, 'validate', v.request_sha256, v.id, v.task_id
      from verdict v
     where v.verdict is null and not v.is_earlier and v.key is not null
     order by v.n
), leased as (
    update writ.lease l
       set expires_at = greatest(l.expires_at,
                                 case when held.is_due then statement_timestamp()
                                      + make_interval(secs => $23::integer) end),
           line_until = greatest(held.line_until, l.line_until)
      from (select d.task_id, d.delegation_id, wanted.is_due, wanted.line_until
              from (select distinct k.task_id, k.delegation_id, k.is_due, k.line_until
                      from link k
                      join permitted p on p.ids[k.n] is not null
                     where k.is_due or k.line_until is not null) as wanted
              join writ.lease d
                on d.task_id = wanted.task_id and d.delegation_id = wanted.delegation_id
             order by d.task_id, d.delegation_id
               for update of d skip locked) as held
     where l.task_id = held.task_id and l.delegation_id = held.delegation_id
)
select v.verdict, v.fault_hop as hop, v.field, v.detail, v.earlier_id, v.earlier_same,
       v.label_after as label, v.settled, v.remaining
  from verdict v
 order by v.n
