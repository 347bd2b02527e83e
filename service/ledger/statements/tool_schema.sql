-- The schema of a tool. $1 audience  $2 name  $3 that arguments are checked by, or null  $4 SHA-256
-- of the one that was reviewed  $5 another one that its server offers, which suspends it, or null
update writ.tool
   set argument_schema = $3::jsonb, schema_sha256 = $4::bytea, offered_schema = $5::jsonb,
       suspended_at = case when $5::jsonb is not null
                           then coalesce(suspended_at, statement_timestamp()) end
 where audience = $1::text and name = $2::text
