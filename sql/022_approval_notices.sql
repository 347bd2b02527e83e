-- What the operator's URL is told of approvals. A row is written with what it tells of, and settled
-- when it was delivered, or no attempt is left, or there is nothing to tell any more. Until then it
-- is found again, by whatever service is there: a message may come twice, and is not lost.

set local role writ_owner;

create table writ.approval_notice (
    task_id      uuid        not null,
    approval_id  uuid        not null,
    event        text        not null
        check (event in ('requested', 'approved', 'rejected', 'expired')),
    at           timestamptz not null,
    next_at      timestamptz not null,
    attempts     integer     not null default 0 check (attempts >= 0),
    settled_at   timestamptz,
    fate         text        check (fate in ('delivered', 'given_up', 'moot')),
    primary key (task_id, approval_id, event),
    foreign key (task_id, approval_id) references writ.approval (task_id, id),
    constraint settled_with_a_fate check (num_nulls(settled_at, fate) in (0, 2))
);
create index approval_notice_due on writ.approval_notice (next_at) where settled_at is null;
comment on table writ.approval_notice is 'Messages of approvals to the operator''s URL, each once.';
comment on column writ.approval_notice.at is 'When it happened; of an end by time, when it will.';
comment on column writ.approval_notice.next_at is
    'When it may be sent (again): moved on by whoever sends it, so that nobody else does.';

grant select, insert on writ.approval_notice to writ_service;
grant update (next_at, attempts, settled_at, fate) on writ.approval_notice to writ_service;

create view audit.approval_notices as
    select task_id, approval_id, event, at, attempts, settled_at, fate from writ.approval_notice;
comment on view audit.approval_notices is 'What the operator''s URL was told of approvals.';
grant select on audit.approval_notices to writ_auditor;
