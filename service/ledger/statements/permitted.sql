-- Records permits that were answered already (buffered reads), many at once, as they were answered:
-- they are not judged again; one that is there already was written when a connection was lost.
-- Renews the leases of their lines like any other permit, and counts them in the operator's default
-- of calls: what is beyond it was answered all the same, so it is recorded as overspent and freezes
-- the account. A row each account: how many it has left.
-- $1 tasks  $2 ids  $3 at  $4 delegations  $5 clients  $6 audiences  $7 tools  $8 arguments
-- $9 arguments_sha256  $10 request_sha256  $11 agents  $12 holders  $13 proof jtis  $14 start_by
-- The links of all their lines, root to leaf: $15 how many each line has, 0 where it is that of the
-- row before  $16 where it begins, from 1  $24 delegations.   $17 lease seconds
-- $18 versions of the policies, 0 for none
-- The accounts of the calls, one a call, locked: $19 tasks  $20 delegations  $21 entries
-- $22 what remote engines said of each, or null   $23 what each returns, a label
-- A replica answers from memory for half a minute after people were asked to lower the label: what
-- they are not asked about leaves its row then, as a read that is judged does. Two that write it at
-- once, who share the lock of the task, write the same number; one is enough.
-- Leases are asked for and noted as in permit.sql.
with record as (
    insert into writ.decision (
        task_id, id, at, delegation_id, client_id, audience, tool, verdict, arguments,
        arguments_sha256, request_sha256, agent, holder, proof_jti, start_by, recorded,
        policy_version, policy_engines)
    select i.task_id, i.id, i.at, i.delegation_id, i.client_id, i.audience, i.tool, 'permit',
           i.arguments, i.arguments_sha256, i.request_sha256, i.agent, i.holder, i.proof_jti,
           i.start_by, 'buffered', nullif(i.policy_version, 0), i.policy_engines
      from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[],
                  $7::text[], $8::bytea[], $9::bytea[], $10::bytea[], $11::text[], $12::text[],
                  $13::text[], $14::timestamptz[], $18::bigint[], $22::jsonb[])
           with ordinality
        as i (task_id, id, at, delegation_id, client_id, audience, tool, arguments,
              arguments_sha256, request_sha256, agent, holder, proof_jti, start_by, policy_version,
              policy_engines, n)
     order by i.n
    on conflict do nothing
    returning id
), passed as (
    insert into writ.task_label (task_id, number, cause, decision_id, adds, label,
                                 previous_number, previous_label)
    select distinct on (i.task_id)
           i.task_id, l.number + 1, 'read', i.id, i.adds, writ.label_join(l.label, i.adds),
           l.number, l.label
      from unnest($1::uuid[], $2::uuid[], $23::jsonb[]) as i (task_id, id, adds)
      join lateral (select from writ.declassification c where c.task_id = i.task_id limit 1) w
        on true
      join lateral (select t.number, t.label
                      from writ.task_label t
                     where t.task_id = i.task_id
                     order by t.number desc limit 1) l on true
     where writ.is_beyond_a_wish(i.task_id, l.number, i.adds)
     order by i.task_id, i.id
    on conflict (task_id, number) do nothing
), link as materialized (
    -- Of the lines in which a lease may be due; line_until as in permit.sql.
    select l.task_id, l.delegation_id, l.is_due,
           case when not (l.is_noted or bool_or(l.is_due) over above)
                then min(l.expires_at) over above end as line_until
      from (select k.n, k.task_id, k.delegation_id, k.hop, s.expires_at,
                   s.is_due is not false as is_due, s.is_noted is true as is_noted
              from (select i.n, i.task_id, u.delegation_id, u.n as hop
                      from unnest($1::uuid[], $4::uuid[], $15::bigint[], $16::bigint[])
                           with ordinality as i (task_id, delegation_id, line_size, line_at, n)
                      cross join lateral
                           unnest(($24::uuid[])[i.line_at : i.line_at + i.line_size - 1])
                           with ordinality as u (delegation_id, n)
                     where i.line_size > 0
                       and not exists (select from writ.lease s
                                        where s.task_id = i.task_id
                                          and s.delegation_id = i.delegation_id
                                          and s.line_until
                                              >= (select writ.renewal_due($17::integer))
                                       offset 0)) k
              left join lateral (
                  select s.expires_at,
                         s.expires_at < (select writ.renewal_due($17::integer)) as is_due,
                         s.line_until >= (select writ.renewal_due($17::integer)) as is_noted
                    from writ.lease s
                   where s.task_id = k.task_id and s.delegation_id = k.delegation_id
                  limit 1) s on true) l
    window above as (partition by l.n order by l.hop)
), leased as (
    update writ.lease l
       set expires_at = greatest(l.expires_at,
                                 case when held.is_due then statement_timestamp()
                                      + make_interval(secs => $17::integer) end),
           line_until = greatest(held.line_until, l.line_until)
      from (select d.task_id, d.delegation_id, wanted.is_due, wanted.line_until
              from (select distinct k.task_id, k.delegation_id, k.is_due, k.line_until
                      from link k
                     where k.is_due or k.line_until is not null) as wanted
              join writ.lease d
                on d.task_id = wanted.task_id and d.delegation_id = wanted.delegation_id
             where d.expires_at > statement_timestamp()
             order by d.task_id, d.delegation_id
               for update of d skip locked) as held
     where l.task_id = held.task_id and l.delegation_id = held.delegation_id
)
update writ.account a
   set spent = a.spent + least(c.calls, a.remaining),
       overspent = a.overspent + greatest(c.calls - a.remaining, 0),
       frozen_at = case when c.calls > a.remaining
                        then coalesce(a.frozen_at, statement_timestamp()) else a.frozen_at end
  from (select k.task_id, k.delegation_id, k.entry, count(*) as calls
          from unnest($2::uuid[], $19::uuid[], $20::uuid[], $21::bigint[])
            as k (id, task_id, delegation_id, entry)
          join record r on r.id = k.id
         group by k.task_id, k.delegation_id, k.entry) as c
 where a.task_id = c.task_id and a.delegation_id = c.delegation_id and a.entry = c.entry
   and a.closed_at is null
returning a.task_id, a.delegation_id, floor(a.remaining)::bigint as remaining
