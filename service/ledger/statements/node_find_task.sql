-- The task of a delegation that was named without one; a look-up for people, it visits all tasks.
select d.task_id from writ.delegation d where d.id = $1::uuid limit 1
