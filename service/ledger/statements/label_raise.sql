-- Raises the label of a task outside of a permit, whose lock is held alone; no row where it is as
-- high already, and nobody is asked to lower it to less than this (sql/020, is_beyond_a_wish).
-- $1 task  $2 cause  $3 decision or null  $4 the task that it goes on from, or null
-- $5 what is added
insert into writ.task_label (task_id, number, cause, decision_id, from_task, adds, label,
                             previous_number, previous_label)
select $1::uuid, coalesce(l.number, 0) + 1, $2::text, $3::uuid, $4::uuid, a.adds,
       writ.label_join(coalesce(l.label, writ.label_bottom()), a.adds), l.number, l.label
  from (select $5::jsonb as adds) a
  left join lateral (select t.number, t.label
                       from writ.task_label t
                      where t.task_id = $1::uuid
                      order by t.number desc limit 1) l on true
 where not writ.clearance_within(coalesce(l.label, writ.label_bottom()), a.adds)
    or writ.is_beyond_a_wish($1::uuid, l.number, a.adds)
