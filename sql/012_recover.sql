-- What a restore would forget. Each service keeps the highest (epoch, head) that it has seen in a
-- file outside of the database; a database that does not reach it is an older one: restored, or a
-- standby that was promoted before it had everything. Nothing is decided on it until
-- `writd recover` opens a new epoch, as the owner.

set local role writ_owner;

create table writ.mark (
    epoch     uuid        not null,
    head      bigint      not null check (head >= 0),
    log_size  bigint      not null default 0 check (log_size >= 0),
    at        timestamptz not null default now(),
    primary key (epoch, head, log_size)
);
comment on table writ.mark is
    'What a service has seen and this database has not: inserted by the one that notices, so that those who know less stop too. Means nothing once its epoch is an older one.';

-- A mark of the current epoch must be reached. One of an older epoch is settled: opening the newer
-- one ended all that it could know of. One of an unknown epoch is of another past, or another ledger.
create function writ.is_beyond(mark_epoch uuid, mark_head bigint) returns boolean
language sql stable parallel safe
begin atomic
    select mark_epoch is not null
       and case when mark_epoch = (select e.epoch from writ.epoch e
                                    order by e.opened_at desc, e.epoch limit 1)
                then (mark_head <= (select f.head from writ.feed f)) is not true
                else not exists (select from writ.epoch e where e.epoch = mark_epoch) end;
end;
comment on function writ.is_beyond(uuid, bigint) is
    'Whether this mark (null: none) is of something that this database does not have.';

create function writ.is_behind(mark_epoch uuid, mark_head bigint) returns boolean
language sql stable parallel safe
begin atomic
    select writ.is_beyond(mark_epoch, mark_head)
        or exists (select from writ.mark m where writ.is_beyond(m.epoch, m.head));
end;
comment on function writ.is_behind(uuid, bigint) is
    'Whether the database is behind this mark, or behind what another service has seen.';

-- The buckets of proof_floor are hours; a recovery must expire what is seconds old.
alter table writ.proof_floor
    add column since timestamptz not null default '-infinity';
comment on column writ.proof_floor.since is
    'A proof issued before this moment is expired as well: when the newest epoch was opened.';

-- All of `writd recover`; one statement, hence one transaction. Nobody but the owner may run it.
create function writ.open_epoch(lost_epoch uuid,
                                out epoch uuid, out head bigint, out ended bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    moment  timestamptz;
    newest  timestamptz;
begin
    -- W9, for every task at once: waits for the admissions, decisions and ends under way, and holds
    -- off new ones, which then see all of this. Each statement below sees what was committed before.
    perform pg_advisory_xact_lock(hashtextextended('keys', 1));
    select f.head into strict head from writ.feed f for update;
    moment := clock_timestamp();

    insert into writ.task_end (task_id, state, feed_no, by_client)
    select t.task_id, 'cancelled', open_epoch.head + row_number() over (order by t.task_id),
           'writd recover'
      from writ.task t
     where t.deadline > moment
       and not exists (select from writ.task_end e where e.task_id = t.task_id);
    get diagnostics ended = row_count;
    head := head + ended;
    update writ.feed f set head = open_epoch.head where ended > 0;

    -- What was lost counts as older, so that services which had seen it follow as well. The new one
    -- is the newest, even where the clock went back.
    select greatest(max(e.opened_at), moment) into newest from writ.epoch e;
    insert into writ.epoch (epoch, opened_at)
    select l.epoch, newest + interval '1 microsecond'
      from (select lost_epoch as epoch union select m.epoch from writ.mark m) l
     where l.epoch is not null
    on conflict do nothing;
    epoch := gen_random_uuid();
    insert into writ.epoch (epoch, opened_at)
    values (open_epoch.epoch, newest + interval '2 microseconds');

    -- A proof's iat is in whole seconds: the second that is running is over first.
    update writ.proof_floor f
       set bucket = greatest(f.bucket, floor(extract(epoch from moment) / 3600)::bigint),
           since = greatest(f.since, date_trunc('second', moment) + interval '1 second');
end
$$;
comment on function writ.open_epoch(uuid) is
    'Opens a new epoch: ends every open task, expires every older proof. For `writd recover` alone.';

grant select, insert on writ.mark to writ_service;
grant execute on function writ.is_beyond(uuid, bigint), writ.is_behind(uuid, bigint)
    to writ_service;
