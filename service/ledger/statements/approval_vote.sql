-- A person's signed word, once and while it waits. Answers whether a rule asks this person, and the
-- vote that there is now: null where it waits no more.
-- $1 task  $2 approval  $3 approver  $4 thumbprint  $5 decision  $6 expires_at  $7 statement
with voter as (
    select exists (select from jsonb_array_elements(a.rules) as r (rule)
                    where writ.is_asked(r.rule, p.name, p.groups)) as is_asked
      from writ.approval a
      join writ.approver p on p.name = $3::text
     where a.task_id = $1::uuid and a.id = $2::uuid
), cast_now as (
    insert into writ.approval_vote (task_id, approval_id, approver, thumbprint, decision,
                                    expires_at, statement)
    select $1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::timestamptz, $7::bytea
      from voter
     where is_asked and writ.approval_state($1::uuid, $2::uuid) in ('pending', 'approved')
    on conflict do nothing
    returning decision
)
select voter.is_asked,
       coalesce((select decision from cast_now),
                (select v.decision from writ.approval_vote v
                  where v.task_id = $1::uuid and v.approval_id = $2::uuid
                    and v.approver = $3::text)) as decision
  from voter
