-- Registers, changes or brings back a tool; a suspended one stays suspended unless $12: this is of
-- the schema that was offered.
-- $1 audience  $2 name  $3 effect  $4 argument_schema  $5 schema_sha256  $6 sensitivity  $7 sends
-- $8 destination  $9 release  $10 release_pinned  $11 record  $13 approval
insert into writ.tool (audience, name, effect, argument_schema, schema_sha256, sensitivity, sends,
                       destination, release, release_pinned, record, approval)
values ($1::text, $2::text, $3::text, $4::jsonb, $5::bytea, $6::jsonb, $7::boolean, $8::text,
        $9::jsonb, $10::jsonb, $11::text, $13::integer)
on conflict (audience, name) do update
   set effect = excluded.effect, argument_schema = excluded.argument_schema,
       schema_sha256 = excluded.schema_sha256, sensitivity = excluded.sensitivity,
       sends = excluded.sends, destination = excluded.destination, release = excluded.release,
       release_pinned = excluded.release_pinned, record = excluded.record,
       approval = excluded.approval, retired_at = null,
       offered_schema = case when not $12::boolean then tool.offered_schema end,
       suspended_at = case when not $12::boolean then tool.suspended_at end
