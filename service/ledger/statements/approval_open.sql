-- Asks for an approval, unless the same is asked for already and is not over; a task has at most
-- so many that wait. Answers the one that there is now, and its state; no row when there are too
-- many, a row without id when a person has rejected the same call in this task.
-- $1 task  $2 id  $3 expires_at  $4 delegation  $5 decision  $6 client  $7 audience  $8 tool
-- $9 arguments  $10 bound  $11 rules  $12 agents of the chain  $13 holders of the chain
-- $14 what was asked, by digest (denial)  $15 at most so many  $16 whether a URL is to be told
with rejected as (
    select d.decision_id from writ.denial d
     where d.task_id = $1::uuid and d.digest = $14::bytea and d.outcome = 'approval_invalid'
     limit 1
), same as (
    select a.id, a.expires_at, writ.approval_state($1::uuid, a.id) as state
      from writ.approval a
     where a.task_id = $1::uuid and a.digest = sha256($10::bytea)
       and writ.approval_state($1::uuid, a.id) in ('pending', 'approved')
       and a.rules = $11::jsonb
     order by a.id desc
     limit 1
), asked as (
    insert into writ.approval (task_id, id, expires_at, delegation_id, decision_id, client_id,
                               audience, tool, arguments, bound, rules, owners, holders,
                               asked_sha256)
    select $1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::uuid, $6::text, $7::text, $8::text,
           $9::bytea, $10::bytea, $11::jsonb,
           (select coalesce(array_agg(distinct g.owner), '{}') from writ.agent g
             where g.name = any($12::text[])),
           $13::text[], $14::bytea
     where not exists (select from same) and not exists (select from rejected)
       and (select count(*) from writ.approval a
             where a.task_id = $1::uuid
               and writ.approval_state($1::uuid, a.id) = 'pending') < $15::integer
    returning id, requested_at, expires_at
), told as (
    -- That it ends by time is told then, unless it ended before.
    insert into writ.approval_notice (task_id, approval_id, event, at, next_at)
    select $1::uuid, a.id, e.event, e.at, e.at
      from asked a
     cross join lateral (values ('requested', a.requested_at),
                                ('expired', a.expires_at)) as e (event, at)
     where $16::boolean
)
select null::uuid as id, null::timestamptz as expires_at, 'rejected' as state from rejected
union all
select id, expires_at, state from same where not exists (select from rejected)
union all
select id, expires_at, 'pending' from asked
