-- Makes of a migrated, empty database one whose task-scoped tables are hash-partitioned by task_id
-- into 16; read by ./purity. The tables are those whose primary key begins with task_id.
--
-- A plain table is made anew from its own definition (columns, CHECKs, generated columns, indexes),
-- and gets back the foreign keys that it had. A table that is partitioned by time keeps its days, and
-- each day is partitioned by hash: so a shard holds its part of every day, as on Citus, where each
-- day is a distributed table. Today and tomorrow are enough; the others are dropped.

begin;
set local client_min_messages = warning;

create temporary table scoped on commit drop as
    select c.oid::regclass as id, c.relname as name, c.relkind = 'p' as has_days
      from pg_class c
      join pg_index i on i.indrelid = c.oid and i.indisprimary
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
     where c.relnamespace = 'writ'::regnamespace and not c.relispartition and a.attname = 'task_id';

create temporary table link on commit drop as
    select s.name, k.conname, pg_get_constraintdef(k.oid) as definition
      from pg_constraint k
      join scoped s on s.id = k.conrelid
     where k.contype = 'f';

create temporary table day on commit drop as
    select s.name as parent, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound,
           to_date(right(c.relname, 8), 'YYYYMMDD')
               between ((now() - interval '10 minutes') at time zone 'UTC')::date
                   and ((now() + interval '1 day') at time zone 'UTC')::date as is_kept
      from scoped s
      join pg_inherits i on i.inhparent = s.id
      join pg_class c on c.oid = i.inhrelid
     where s.has_days;

create temporary table feed_entry on commit drop as
    select pg_get_viewdef('writ.feed_entry'::regclass) as definition;

create procedure pg_temp.hash(parent text) language plpgsql as $$
begin
    for shard in 0..15 loop
        execute format('create table writ.%I partition of writ.%I
                        for values with (modulus 16, remainder %s)',
                       parent || to_char(shard, 'FM_00'), parent, shard);
    end loop;
end
$$;

do $$
declare
    t record;
    l record;
    d record;
begin
    -- The views hold on to the tables as they were.
    drop schema audit cascade;
    drop view writ.feed_entry;
    create schema flat;

    for l in select * from link loop
        execute format('alter table writ.%I drop constraint %I', l.name, l.conname);
    end loop;
    for t in select * from scoped where not has_days loop
        execute format('alter table writ.%I set schema flat', t.name);
        execute format('create table writ.%I (like flat.%I including all) partition by hash (task_id)',
                       t.name, t.name);
        call pg_temp.hash(t.name);
    end loop;
    for d in select * from day loop
        execute format('drop table writ.%I', d.name);
        if d.is_kept then
            execute format('create table writ.%I partition of writ.%I %s partition by hash (task_id)',
                           d.name, d.parent, d.bound);
            call pg_temp.hash(d.name);
        end if;
    end loop;
    for l in select * from link loop
        execute format('alter table writ.%I add constraint %I %s', l.name, l.conname, l.definition);
    end loop;

    drop schema flat cascade;
    execute 'create view writ.feed_entry as ' || (select definition from feed_entry);
end
$$;

commit;
