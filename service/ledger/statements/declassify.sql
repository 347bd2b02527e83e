-- Lowers the label of a task to what was wished and approved, under its lock, which is held alone;
-- no row where the approval is not good at this moment. Whatever else is not as the people saw it is
-- refused by a key or CHECK of task_label (sql/020). `at` is after the lock was granted: no link
-- that was admitted before counts as admitted after. $1 task  $2 wish  $3 approval  $4 who
with wish as (
    select w.* from writ.declassification w
     where w.task_id = $1::uuid and w.id = $2::uuid
       and writ.approval_state($1::uuid, $3::uuid) = 'approved'
), used as (
    insert into writ.approval_use (task_id, approval_id, declassification_id)
    select $1::uuid, $3::uuid, w.id from wish w
), next as (
    update writ.feed set head = head + 1 where exists (select from wish) returning head
), lowered as (
    insert into writ.task_label (task_id, number, at, cause, adds, label, previous_number,
                                 previous_label, declassification_id, requested_at, approval_id,
                                 feed_no, by_client)
    select $1::uuid, w.from_number + 1, statement_timestamp(), 'declassified', w.label, w.label,
           w.from_number, w.from_label, w.id, w.requested_at, $3::uuid, n.head, $4::text
      from wish w
     cross join next n
    returning feed_no
)
select l.feed_no,
       (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1) as epoch
  from lowered l
