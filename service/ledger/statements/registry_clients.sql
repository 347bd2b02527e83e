-- Every client, for the snapshot.
select id, secret_sha256, role, agent, audience, ceiling, disabled_at is not null as disabled
  from writ.client
