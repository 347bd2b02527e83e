-- A denial that stays, or one more of what is remembered; beyond 1,024 of a task it is judged anew
-- each time.
-- $1 task  $2 digest  $3 delegation at and below which it holds  $4 outcome  $5 decision
with known as (
    update writ.denial set repeats = repeats + 1
     where task_id = $1::uuid and digest = $2::bytea and delegation_id = $3::uuid
    returning slot
)
insert into writ.denial (task_id, digest, delegation_id, slot, outcome, decision_id)
select $1::uuid, $2::bytea, $3::uuid, n.taken + 1, $4::text, $5::uuid
  from (select count(*)::smallint as taken from writ.denial where task_id = $1::uuid) n
 where n.taken < 1024 and not exists (select from known)
on conflict do nothing
