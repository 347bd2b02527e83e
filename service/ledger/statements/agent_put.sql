-- Registers, changes or brings back an agent. $1 name  $2 role  $3 owner  $4 identities
insert into writ.agent (name, role, owner, identities)
values ($1::text, $2::text, $3::text, $4::jsonb)
on conflict (name) do update
   set role = excluded.role, owner = excluded.owner, identities = excluded.identities,
       retired_at = null
