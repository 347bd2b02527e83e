-- Retires agent $1; once.
update writ.agent set retired_at = statement_timestamp()
 where name = $1::text and retired_at is null
