-- A change of the registry with its author. $1 id  $2 client  $3 kind  $4 key  $5 before  $6 after
insert into writ.registry_change (id, client_id, kind, key, before, after)
values ($1::uuid, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb)
