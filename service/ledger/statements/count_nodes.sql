-- The nodes of a task, counted up to a cap.
select count(*) from (select from writ.delegation d where d.task_id = $1::uuid limit $2::bigint) n
