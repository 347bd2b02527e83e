-- W9 for keys: a key may be bound in any task, so revoking one waits for all admissions and decisions
-- under way. Its own statement, so that the one behind it sees what was committed before.
select pg_advisory_xact_lock(hashtextextended('keys', 1))
