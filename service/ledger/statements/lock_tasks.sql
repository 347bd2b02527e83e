-- W9: admissions and decisions share each task's lock, and that of the keys; revoking and ending
-- take one of them alone. It is its own statement, so that the ones behind it see all that was
-- committed before it was granted.
(select pg_advisory_xact_lock_shared(hashtextextended(t::text, 0))
   from unnest($1::uuid[]) with ordinality as u (t, n)
  order by n)
union all
select pg_advisory_xact_lock_shared(hashtextextended('keys', 1))
