-- The revocations and completions of a task, counted up to a cap.
select count(*) from (select from writ.revocation r where r.task_id = $1::uuid limit $2::bigint) n
