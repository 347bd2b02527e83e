-- Writes the row of this replica's beats, and nothing new: a server that can not commit shows.
insert into writ.beat (replica, number) values ($1::uuid, 0)
on conflict (replica) do update set at = statement_timestamp()
