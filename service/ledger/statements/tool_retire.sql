-- Retires a tool; once. $1 audience  $2 name
update writ.tool set retired_at = statement_timestamp()
 where audience = $1::text and name = $2::text and retired_at is null
