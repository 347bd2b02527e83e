-- Disables client $1; once.
update writ.client set disabled_at = statement_timestamp()
 where id = $1::text and disabled_at is null
