-- W9: waits for the admissions and decisions under way in this task, and holds off new ones. The
-- lock of the keys is shared, as by admissions: who takes that one alone (holder_lock.sql,
-- writ.open_epoch) comes before or after the whole of an end.
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))
union all
select pg_advisory_xact_lock_shared(hashtextextended('keys', 1))
