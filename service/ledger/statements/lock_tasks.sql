-- W9: admissions and decisions share each task's lock; revoking and ending take it alone. It is
-- its own statement, so that the ones behind it see all that was committed before it was granted.
select pg_advisory_xact_lock_shared(hashtextextended(t::text, 0))
  from unnest($1::uuid[]) with ordinality as u (t, n)
 order by n
