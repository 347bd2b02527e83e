-- Registers, changes or brings back a client; its secret is replaced where $6 is not null, and a
-- new client has one. $1 id  $2 role  $3 agent  $4 audience  $5 ceiling  $6 secret_sha256
with changed as (
    update writ.client
       set role = $2::text, agent = $3::text, audience = $4::text, ceiling = $5::jsonb,
           secret_sha256 = coalesce($6::bytea, secret_sha256), disabled_at = null
     where id = $1::text
    returning id
)
insert into writ.client (id, secret_sha256, role, agent, audience, ceiling)
select $1::text, $6::bytea, $2::text, $3::text, $4::text, $5::jsonb
 where not exists (select from changed)
