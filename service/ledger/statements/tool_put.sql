-- Registers, changes or brings back a tool. $1 audience  $2 name  $3 effect  $4 argument_schema
-- $5 sensitivity  $6 destination  $7 release  $8 release_pinned  $9 record
insert into writ.tool (audience, name, effect, argument_schema, sensitivity, destination, release,
                       release_pinned, record)
values ($1::text, $2::text, $3::text, $4::jsonb, $5::jsonb, $6::text, $7::text, $8::text, $9::text)
on conflict (audience, name) do update
   set effect = excluded.effect, argument_schema = excluded.argument_schema,
       sensitivity = excluded.sensitivity, destination = excluded.destination,
       release = excluded.release, release_pinned = excluded.release_pinned,
       record = excluded.record, retired_at = null
