-- Every agent, for the snapshot.
select name, role, retired_at is not null as retired from writ.agent
