-- Denials that stick, and circuits. A call that was refused for good is not judged anew each time a
-- model tries it again: it is remembered by what was asked, at the node below which the answer
-- holds, and a repeat costs a counter. Who keeps being refused is stopped for a while, with all
-- that it delegated to, and nobody else.

set local role writ_owner;

create table writ.denial (
    task_id        uuid        not null,
    digest         bytea       not null check (octet_length(digest) = 32),
    delegation_id  uuid        not null,
    slot           smallint    not null check (slot between 1 and 1024),
    outcome        text        not null check (outcome <> ''),
    decision_id    uuid        not null,
    at             timestamptz not null default now(),
    repeats        bigint      not null default 0 check (repeats >= 0),
    primary key (task_id, digest, delegation_id),
    constraint at_most_1024_of_a_task unique (task_id, slot)
) with (fillfactor = 70);
comment on table writ.denial is
    'A call that is refused at and below this delegation, until what it was judged by changes.';
comment on column writ.denial.digest is
    'Audience, tool, canonical arguments, and the versions of what they were judged by.';
comment on column writ.denial.delegation_id is
    'The root where the cause lies in the task, the presenter where it lies in its own grant.';
comment on column writ.denial.repeats is 'How often it was asked for again.';

create table writ.heat (
    task_id        uuid           not null,
    delegation_id  uuid           not null,
    recent         timestamptz[]  not null,
    primary key (task_id, delegation_id)
) with (fillfactor = 70);
comment on table writ.heat is 'When a delegation was refused last, newest first.';

create table writ.circuit (
    task_id        uuid        not null,
    delegation_id  uuid        not null,
    opened_at      timestamptz not null,
    until          timestamptz not null check (until > opened_at),
    cause          text        not null check (cause in ('refusals', 'children')),
    closed_at      timestamptz,
    closed_by      text,
    reason         text,
    primary key (task_id, delegation_id, opened_at),
    foreign key (task_id, delegation_id) references writ.delegation (task_id, id),
    constraint closed_by_somebody_for_a_reason
        check ((num_nulls(closed_at, closed_by, reason) in (0, 3)) is true)
);
create index circuit_until on writ.circuit (until);
comment on table writ.circuit is
    'A delegation that may not be used, nor any below it, until then or until an operator closes it.';
comment on column writ.circuit.cause is
    'refusals: its own, too many in a minute; children: of five at once the circuit was open.';

grant select, insert on writ.denial, writ.heat, writ.circuit to writ_service;
grant update (repeats) on writ.denial to writ_service;
grant update (recent) on writ.heat to writ_service;
grant update (closed_at, closed_by, reason) on writ.circuit to writ_service;

create view audit.denials as
    select task_id, delegation_id as held_at, outcome, decision_id, at, repeats,
           encode(digest, 'hex') as digest
      from writ.denial;
comment on view audit.denials is
    'Calls that stay refused at and below a delegation, and how often they were asked for again.';

create view audit.circuits as
    select task_id, delegation_id, opened_at, until, cause, closed_at, closed_by, reason,
           until > now() and closed_at is null as is_open
      from writ.circuit;
comment on view audit.circuits is
    'Delegations that were stopped for a while, why, until when, and who let them go on.';
grant select on audit.denials, audit.circuits to writ_auditor;
