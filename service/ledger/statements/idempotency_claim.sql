-- Claims a key in the transaction that does the work; waits for another one that claimed it.
insert into writ.idempotency (client_id, key, route, body_sha256)
values ($1::text, $2::text, $3::text, $4::bytea)
on conflict do nothing
