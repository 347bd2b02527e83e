-- A key for an agent that is not retired; no row when the key is known already.
-- $1 thumbprint  $2 public_key  $3 agent  $4 custody  $5 sealed_key  $6 enrolled_by
insert into writ.holder (thumbprint, public_key, agent, custody, sealed_key, enrolled_by)
select $1::text, $2::bytea, a.name, $4::text, $5::bytea, $6::text
  from writ.agent a
 where a.name = $3::text and a.retired_at is null
on conflict (thumbprint) do nothing
