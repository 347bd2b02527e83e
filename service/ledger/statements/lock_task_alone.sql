-- W9: waits for the admissions and decisions under way in this task, and holds off new ones.
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))
