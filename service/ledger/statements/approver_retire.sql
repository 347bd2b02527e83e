-- Retires approver $1; once.
update writ.approver set retired_at = statement_timestamp()
 where name = $1::text and retired_at is null
