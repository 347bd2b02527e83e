-- Revocations of one key come one after the other. Its own statement, so that the one behind it
-- sees what was committed before it was granted.
select pg_advisory_xact_lock(hashtextextended($1::text, 1))
