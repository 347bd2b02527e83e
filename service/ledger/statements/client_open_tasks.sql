-- How many tasks of client $1 are open, over all tasks; and what its roots of today were granted in
-- unit $2. W12; once a root, not on the hot path.
select (select count(*) from writ.task t
         where t.opened_by = $1::text and t.deadline > statement_timestamp()
           and not exists (select from writ.task_end e where e.task_id = t.task_id)) as open
