-- W9: admissions and decisions share each task's lock, and that of the keys; revoking and ending
-- take one of them alone, and so does what raises a label (W5). It is its own statement, so that
-- the ones behind it see all that was committed before it was granted. $1 tasks  $2 which alone
(select case when u.alone then pg_advisory_xact_lock(hashtextextended(u.task::text, 0))
             else pg_advisory_xact_lock_shared(hashtextextended(u.task::text, 0)) end
   from unnest($1::uuid[], $2::boolean[]) with ordinality as u (task, alone, n)
  order by u.n)
union all
select pg_advisory_xact_lock_shared(hashtextextended('keys', 1))
