-- One row a (caller, outcome, minute).
insert into writ.refusal_count (client_id, outcome, minute, count)
select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[])
 order by 1, 2, 3
on conflict (client_id, outcome, minute)
    do update set count = refusal_count.count + excluded.count
