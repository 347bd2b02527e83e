-- The task of a decision that was named without one; a look-up for people, it visits all tasks.
select c.task_id from writ.decision c where c.id = $1::uuid limit 1
