-- W9 and the feed. Revocations and ends are inserted, never updated; each carries a commit-ordered
-- number from one counter row, taken last and held to commit, so that a follower who has seen
-- number n has seen every number below it. (A sequence would let a slow transaction be skipped.)
--
--     update writ.feed set head = head + 1 returning head
--
-- On Citus a unique key must hold the distribution column, hence unique (task_id, feed_no): the
-- counter row is what makes the number unique over all tables.

set local role writ_owner;

create table writ.epoch (
    epoch      uuid        primary key default gen_random_uuid(),
    opened_at  timestamptz not null default now()
);
comment on table writ.epoch is
    'The newest row is the ledger''s epoch. A follower that sees another one reloads from zero.';
insert into writ.epoch default values;

create table writ.feed (
    one   boolean primary key default true check (one),
    head  bigint  not null check (head >= 0)
) with (fillfactor = 10);
comment on table writ.feed is 'The counter row; one global lock order: task, ancestors, keys, accounts, feed.';
insert into writ.feed (head) values (0);

create table writ.revocation (
    task_id        uuid        not null,
    delegation_id  uuid        not null,
    kind           text        not null check (kind in ('revoked', 'completed')),
    feed_no        bigint      not null check (feed_no > 0),
    at             timestamptz not null default now(),
    by_client      text        not null,
    reason         text        not null default '',
    primary key (task_id, delegation_id),
    unique (task_id, feed_no),
    foreign key (task_id, delegation_id) references writ.delegation (task_id, id)
);
comment on table writ.revocation is
    'A dead node; all below it is dead with it, in O(1). completed: the holder gave it back.';

create table writ.task_end (
    task_id    uuid        primary key references writ.task (task_id),
    state      text        not null check (state in ('completed', 'cancelled', 'expired')),
    feed_no    bigint      not null check (feed_no > 0),
    at         timestamptz not null default now(),
    by_client  text        not null,
    unique (task_id, feed_no)
);
comment on table writ.task_end is 'The end of a task; it kills every token of it.';

-- No foreign key to holder: the key of an unattributed link can be revoked too.
create table writ.holder_revocation (
    thumbprint  text        primary key,
    feed_no     bigint      not null unique check (feed_no > 0),
    at          timestamptz not null default now(),
    by_client   text        not null,
    reason      text        not null default ''
);
comment on table writ.holder_revocation is 'A key that is no longer trusted, in any task.';

-- Followers read by number over all tasks; these are not keys and stay off the hot path.
create index revocation_by_feed_no on writ.revocation (feed_no);
create index task_end_by_feed_no on writ.task_end (feed_no);

create view writ.feed_entry as
    select feed_no, kind, task_id, delegation_id, null::text as thumbprint, at, by_client
      from writ.revocation
    union all
    select feed_no, 'task_' || state, task_id, null, null, at, by_client
      from writ.task_end
    union all
    select feed_no, 'holder_revoked', null, null, thumbprint, at, by_client
      from writ.holder_revocation;
comment on view writ.feed_entry is
    'What followers read: kind is revoked, completed, task_completed, task_cancelled, task_expired or holder_revoked.';

create table writ.beat (
    replica  uuid        primary key,
    number   bigint      not null check (number >= 0),
    at       timestamptz not null default now()
) with (fillfactor = 20);
comment on table writ.beat is
    'Each replica''s own beat: it is fresh as of the moment it sent the newest one it has read back (W2).';
