-- W12: one root at a time a client, so that its ceiling of open tasks holds under concurrency.
select pg_advisory_xact_lock(hashtextextended('issue:' || $1::text, 0))
