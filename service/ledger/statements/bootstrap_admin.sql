-- The first administrator, only where there is no client at all.
insert into writ.client (id, secret_sha256, role)
select 'admin', $1::bytea, 'admin' where not exists (select from writ.client)
on conflict do nothing
