-- A denial that stays; beyond 1,024 of a task it is judged anew each time.
-- $1 task  $2 digest  $3 delegation at and below which it holds  $4 outcome  $5 decision
insert into writ.denial (task_id, digest, delegation_id, slot, outcome, decision_id)
select $1::uuid, $2::bytea, $3::uuid, n.taken + 1, $4::text, $5::uuid
  from (select count(*)::smallint as taken from writ.denial where task_id = $1::uuid) n
 where n.taken < 1024
on conflict do nothing
