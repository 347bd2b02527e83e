-- This replica's own beat; it is fresh as of the moment it sent the newest one it has read back.
insert into writ.beat (replica, number, at) values ($1::uuid, $2::bigint, statement_timestamp())
on conflict (replica) do update set number = excluded.number, at = excluded.at
