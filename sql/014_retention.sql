-- Retention: what `writd maintain` may let go, and in which order, as the owner. The service may do
-- none of it.
--
-- Old decisions are moved to the schema `kept`, a table a day, and never dropped: until the log keeps
-- their entries they are the only record. Spent proofs are dropped, behind a floor that is raised
-- first. Each day is one transaction: a run that is killed leaves whole days, and the next goes on.
--
-- Detaching takes its table for itself, so that no writer is in the middle of it; DETACH ...
-- CONCURRENTLY would not, but it can not be in one transaction with the move and the floor, and one
-- that is killed leaves a partition that is neither in nor out. It is the waiting for the table that would lock writers out, not the holding (a few
-- milliseconds), so the wait is cut short by lock_timeout, and the caller tries again.

create schema kept authorization writ_owner;
comment on schema kept is
    'Decisions past their retention, a table a day; detached by `writd maintain`, dropped by nobody.';

set local role writ_owner;

create table writ.decision_floor (
    one  boolean primary key default true check (one),
    id   uuid    not null
);
comment on table writ.decision_floor is
    'Decisions with a smaller id are not in writ.decision any more (410 not_retained). Only rises.';
insert into writ.decision_floor (id) values ('00000000-0000-0000-0000-000000000000');
grant select on writ.decision_floor to writ_service;

-- Rows are deleted by age, which this finds without a pass over the table; they come in its order.
create index idempotency_by_created_at on writ.idempotency using brin (created_at);

-- W3 over the end of an hour: two proofs with one jti, one from each side of it, have different keys
-- and could pass on two replicas at once, as neither sees what the other has not committed. So a
-- proof near the end of an hour is entered in both. "Near" is permit.sql's to say: its window and
-- the difference of clocks, 660 seconds at most.
alter table writ.proof_used
    drop constraint bucket_is_of_the_iat,
    add constraint bucket_is_of_the_iat
        check ((bucket between floor((extract(epoch from iat) - 900) / 3600)::bigint
                           and floor((extract(epoch from iat) + 900) / 3600)::bigint) is true);
comment on column writ.proof_used.bucket is
    'iat in hours since 1970: floor(unix seconds / 3600); near the end of an hour also the one beyond.';

-- ---- Days ------------------------------------------------------------------------------------

create function writ.days_of(target regclass, out day date, out part regclass)
returns setof record
language sql stable
begin atomic
    select to_date(right(c.relname, 8), 'YYYYMMDD'), c.oid::regclass
      from pg_catalog.pg_inherits i
      join pg_catalog.pg_class c on c.oid = i.inhrelid
     where i.inhparent = target
     order by 1;
end;
comment on function writ.days_of(regclass) is 'The partitions of a table, oldest first.';

create function writ.partitions_until(moment timestamptz) returns timestamptz
language sql stable
begin atomic
    select coalesce(
               (select min(d.today + n)
                  from generate_series(0, 9) n
                 where d.today + n not in (select p.day from writ.days_of('writ.decision') p)
                    or d.today + n not in (select p.day from writ.days_of('writ.proof_used') p)),
               d.today + 10)::timestamp at time zone 'UTC'
      from (select (moment at time zone 'UTC')::date) as d (today);
end;
comment on function writ.partitions_until(timestamptz) is
    'The first moment from this day on that can not be recorded, as no partition takes it.';

-- Age is counted from the newest decision where that is older than the clock: a clock that is years
-- ahead can not make the ledger let go of everything. Without a decision nothing is old.
create function writ.retention_moment() returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    d         record;
    has_some  boolean;
begin
    for d in select day, part from writ.days_of('writ.decision') order by day desc loop
        execute format('select exists (select from %s)', d.part) into has_some;
        if has_some then
            return least(now(), (d.day + 1)::timestamptz);
        end if;
    end loop;
    return null;
end
$$;

create function writ.past_days(target regclass, keep interval, out day date, out part regclass)
returns setof record
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    until timestamptz := writ.retention_moment() - keep;
begin
    if (keep >= interval '1 day') is not true then
        raise exception 'a retention of %: less than a day', keep
            using errcode = 'invalid_parameter_value';
    end if;
    return query
        select d.day, d.part from writ.days_of(target) d
         where (d.day + 1)::timestamptz <= until
         order by d.day;
end
$$;
comment on function writ.past_days(regclass, interval) is
    'Partitions that ended longer ago than this, oldest first.';

-- ---- Letting go ------------------------------------------------------------------------------

-- One at a time, and none while partitions are made; waits for its turn as for the table.
create function writ.keep_day(keep interval) returns date
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '100ms'
as $$
declare
    past record;
begin
    perform pg_advisory_xact_lock(hashtextextended('writ.ensure_day_partitions', 0));
    select day, part into past from writ.past_days('writ.decision', keep) limit 1;
    if not found then
        return null;
    end if;
    execute format('alter table writ.decision detach partition %s', past.part);
    execute format('alter table %s set schema kept', past.part);
    update writ.decision_floor f
       set id = greatest(f.id, writ.uuidv7_floor((past.day + 1)::timestamptz));
    return past.day;
end
$$;
comment on function writ.keep_day(interval) is
    'Moves the oldest day of decisions that is past retention to schema kept; null: there is none.';

create function writ.drop_proofs(keep interval) returns date
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '100ms'
as $$
declare
    past record;
begin
    perform pg_advisory_xact_lock(hashtextextended('writ.ensure_day_partitions', 0));
    select day, part into past from writ.past_days('writ.proof_used', keep) limit 1;
    if not found then
        return null;
    end if;
    -- Whoever waits behind this lock takes his snapshot after it, and sees the floor raised.
    lock table writ.proof_used in access exclusive mode;
    update writ.proof_floor f
       set bucket = greatest(f.bucket,
                             extract(epoch from (past.day + 1)::timestamptz)::bigint / 3600);
    execute format('drop table %s', past.part);
    return past.day;
end
$$;
comment on function writ.drop_proofs(interval) is
    'Raises the floor above the oldest day of spent proofs that is past retention, and drops it.';

-- A key whose task may still run is kept, however old: a repetition would mint a second time. Once
-- the task is over, a repetition is judged anew and refused; its proof has expired long before.
create function writ.past_answers(keep interval, out client_id text, out key text)
returns setof record
language sql stable
begin atomic
    select i.client_id, i.key
      from writ.idempotency i
     where keep >= interval '1 day'
       and i.created_at < (select writ.retention_moment()) - keep
       and not exists (select from writ.task t
                        where t.task_id = i.task_id
                          and t.deadline > (select writ.retention_moment()));
end;
comment on function writ.past_answers(interval) is
    'Idempotency keys that are past retention, and whose task is over.';

create function writ.forget_answers(keep interval, at_most bigint) returns bigint
language sql
begin atomic
    with gone as (
        delete from writ.idempotency i
         using (select p.client_id, p.key from writ.past_answers(keep) p limit at_most) p
         where i.client_id = p.client_id and i.key = p.key
        returning 1)
    select count(*) from gone;
end;
comment on function writ.forget_answers(interval, bigint) is
    'Deletes answers that were kept for repeated requests, at most so many; how many they were.';

create function writ.forget_beats() returns bigint
language sql
begin atomic
    with gone as (
        delete from writ.beat where at < now() - interval '1 day' returning 1)
    select count(*) from gone;
end;
comment on function writ.forget_beats() is
    'Deletes the beats of replicas that are long gone; one that lives beats again within a second.';

grant execute on function writ.days_of(regclass), writ.partitions_until(timestamptz)
    to writ_service;
