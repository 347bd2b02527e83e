-- Tells the other services on this database of a mark that it does not reach.
-- $1 epoch  $2 head  $3 log size
insert into writ.mark (epoch, head, log_size)
select $1::uuid, $2::bigint, $3::bigint
 where writ.is_beyond($1::uuid, $2::bigint)
on conflict do nothing
