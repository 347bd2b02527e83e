-- Opens a task.
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
values ($1::uuid, $2::text, $3::text, $4::jsonb, $5::timestamptz, $6::text, $7::timestamptz)
