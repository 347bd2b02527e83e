-- Asks people to lower the label of a task, unless they are asked the same already and it is not
-- over; a task has at most so many approvals that wait. Answers the approval that there is now, its
-- state, and from when it may be used; no row when there are too many, a row without id when a
-- person has rejected this label as the one before it: with another reason, too.
-- $1 task  $2 id of the wish  $3 who wishes  $4 the row that it is to be lowered from, and $5 its
-- label  $6 to what  $7 reason  $8 id of the approval  $9 expires_at  $10 root  $11 arguments
-- $12 bound  $13 rules  $14 at most so many  $15 whether a URL is to be told
with rejected as (
    select a.id
      from writ.declassification w
      join writ.approval a on a.task_id = $1::uuid and a.declassification_id = w.id
     where w.task_id = $1::uuid and w.from_number = $4::integer and w.label = $6::jsonb
       and writ.approval_state($1::uuid, a.id) = 'rejected'
     limit 1
), same as (
    select a.id, a.expires_at, writ.approval_state($1::uuid, a.id) as state,
           w.requested_at + interval '90 seconds' as not_before
      from writ.approval a
      join writ.declassification w on w.task_id = $1::uuid and w.id = a.declassification_id
     where a.task_id = $1::uuid and a.digest = sha256($12::bytea) and a.rules = $13::jsonb
       and writ.approval_state($1::uuid, a.id) in ('pending', 'approved')
     order by a.id desc
     limit 1
), wished as (
    insert into writ.declassification (task_id, id, requested_at, requested_by, from_number,
                                       from_label, label, reason)
    select $1::uuid, $2::uuid, statement_timestamp(), $3::text, $4::integer, $5::jsonb, $6::jsonb,
           $7::text
     where not exists (select from same) and not exists (select from rejected)
       and (select count(*) from writ.approval a
             where a.task_id = $1::uuid
               and writ.approval_state($1::uuid, a.id) = 'pending') < $14::integer
    returning id, requested_at + interval '90 seconds' as not_before
), asked as (
    insert into writ.approval (task_id, id, expires_at, delegation_id, client_id, arguments, bound,
                               rules, owners, holders, declassification_id)
    select $1::uuid, $8::uuid, $9::timestamptz, $10::uuid, $3::text, $11::bytea, $12::bytea,
           $13::jsonb, writ.owners_in($1::uuid), writ.holders_in($1::uuid), w.id
      from wished w
    returning id, requested_at, expires_at
), told as (
    -- As approval_open.sql has it.
    insert into writ.approval_notice (task_id, approval_id, event, at, next_at)
    select $1::uuid, a.id, e.event, e.at, e.at
      from asked a
     cross join lateral (values ('requested', a.requested_at),
                                ('expired', a.expires_at)) as e (event, at)
     where $15::boolean
)
select null::uuid as id, null::timestamptz as expires_at, 'rejected' as state,
       null::timestamptz as not_before
  from rejected
union all
select id, expires_at, state, not_before from same where not exists (select from rejected)
union all
select a.id, a.expires_at, 'pending', w.not_before from asked a cross join wished w
