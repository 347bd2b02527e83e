-- A person's signed word, once and while it waits. Answers the vote that there is now.
-- $1 task  $2 approval  $3 approver  $4 thumbprint  $5 decision  $6 expires_at  $7 statement
with cast_now as (
    insert into writ.approval_vote (task_id, approval_id, approver, thumbprint, decision,
                                    expires_at, statement)
    select $1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::timestamptz, $7::bytea
     where writ.approval_state($1::uuid, $2::uuid) in ('pending', 'approved')
    on conflict do nothing
    returning decision
)
select decision from cast_now
union all
select v.decision from writ.approval_vote v
 where v.task_id = $1::uuid and v.approval_id = $2::uuid and v.approver = $3::text
