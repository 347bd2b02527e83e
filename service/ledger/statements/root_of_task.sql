-- The root of a task.
select d.id from writ.delegation d where d.task_id = $1::uuid and d.parent_id is null
