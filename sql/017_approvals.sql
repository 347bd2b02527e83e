-- W6: an approval binds one digest, is used once, and is signed by people who own nothing in the
-- chain. What was asked and each vote are inserted and never changed; the state follows from them.

set local role writ_owner;

create table writ.approver (
    name        text        primary key check (name <> ''),
    groups      text[]      not null check (array_position(groups, null) is null),
    public_key  bytea       not null check (octet_length(public_key) = 32),
    thumbprint  text        not null unique,
    created_at  timestamptz not null default now(),
    retired_at  timestamptz,
    constraint thumbprint_is_of_this_key check ((thumbprint = writ.thumbprint(public_key)) is true)
);
comment on table writ.approver is 'A person who may approve, by one key.';
comment on column writ.approver.name is
    'The person: whoever is the owner of an agent by this name approves nothing of it.';

create table writ.approval (
    task_id           uuid        not null,
    id                uuid        not null,
    requested_at      timestamptz not null default now(),
    expires_at        timestamptz not null,
    delegation_id     uuid        not null,
    decision_id       uuid        not null,
    client_id         text        not null,
    audience          text        not null,
    tool              text        not null,
    arguments         bytea       not null,
    bound             bytea       not null,
    digest            bytea       not null generated always as (sha256(bound)) stored,
    rules             jsonb       not null,
    owners            text[]      not null,
    holders           text[]      not null,
    asked_sha256      bytea       not null check (octet_length(asked_sha256) = 32),
    primary key (task_id, id),
    foreign key (task_id, delegation_id) references writ.delegation (task_id, id),
    constraint expires_after_it_is_asked_for check ((expires_at > requested_at) is true),
    constraint asks_for_something
        check ((jsonb_typeof(rules) = 'array' and rules <> '[]') is true)
);
create index approval_by_digest on writ.approval (task_id, digest);
create index approval_by_id on writ.approval (id);
comment on table writ.approval is 'A call that a person has to approve, and by what rules.';
comment on column writ.approval.bound is
    'What the digest is of: RFC 8785 JSON of delegation, authority, holder, tool, arguments, policies.';
comment on column writ.approval.rules is
    'Each has to be met: approvers (groups or people, "*" anybody), quorum, source.';
comment on column writ.approval.owners is 'Owners of the agents of the chain; they do not count.';

create table writ.approval_vote (
    task_id      uuid        not null,
    approval_id  uuid        not null,
    approver     text        not null,
    thumbprint   text        not null,
    decision     text        not null check (decision in ('approve', 'reject')),
    at           timestamptz not null default now(),
    expires_at   timestamptz not null,
    statement    bytea       not null,
    primary key (task_id, approval_id, approver),
    foreign key (task_id, approval_id) references writ.approval (task_id, id)
);
comment on table writ.approval_vote is 'What a person signed; once, and for good.';
comment on column writ.approval_vote.statement is 'The writ-approval+jwt, byte for byte.';

create table writ.approval_use (
    task_id      uuid        not null,
    approval_id  uuid        not null,
    decision_id  uuid        not null,
    at           timestamptz not null default now(),
    primary key (task_id, approval_id),
    foreign key (task_id, approval_id) references writ.approval (task_id, id)
);
comment on table writ.approval_use is 'The one permit that an approval was spent on.';

create function writ.is_asked(rule jsonb, person text, groups text[]) returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select rule -> 'approvers' ? '*' or rule -> 'approvers' ? person
        or rule -> 'approvers' ?| groups;
$$;
comment on function writ.is_asked(jsonb, text, text[]) is 'Whether a rule names this person.';

-- Distinct people whose signature counts for a rule now.
create function writ.approvers_of(task uuid, approval uuid, rule jsonb) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(v.approver order by v.approver), '{}')
      from writ.approval a
      join writ.approval_vote v on v.task_id = a.task_id and v.approval_id = a.id
      join writ.approver p on p.name = v.approver and p.thumbprint = v.thumbprint
     where a.task_id = task and a.id = approval
       and v.decision = 'approve' and v.expires_at > statement_timestamp()
       and p.retired_at is null
       and v.approver <> all (a.owners) and v.thumbprint <> all (a.holders)
       and writ.is_asked(rule, p.name, p.groups);
$$;

create function writ.approval_state(task uuid, approval uuid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when exists (select from writ.approval_use u
                      where u.task_id = task and u.approval_id = approval) then 'used'
        when exists (select from writ.approval_vote v
                      where v.task_id = task and v.approval_id = approval
                        and v.decision = 'reject') then 'rejected'
        when a.expires_at <= statement_timestamp() then 'expired'
        when not exists (
            select from jsonb_array_elements(a.rules) as rule
             where not coalesce(cardinality(writ.approvers_of(task, approval, rule))
                                >= (rule ->> 'quorum')::integer, false)) then 'approved'
        else 'pending' end
      from writ.approval a
     where a.task_id = task and a.id = approval;
$$;
comment on function writ.approval_state(uuid, uuid) is
    'pending, approved, used, rejected or expired; null where there is no such approval.';

-- What keeps a call from being permitted by this approval; null: nothing.
create function writ.approval_fault(task uuid, approval uuid, bound_sha256 bytea,
                                    of_label boolean) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce((
        select case
            when a.digest <> bound_sha256 then 'approval_invalid'
            -- Restricted data leaves only where people were asked about that.
            when of_label and not a.rules @> '[{"source": "label"}]' then 'approval_invalid'
            else case writ.approval_state(task, approval)
                     when 'approved' then '' when 'pending' then 'approval_required'
                     else 'approval_invalid' end end
          from writ.approval a
         where a.task_id = task and a.id = approval), 'approval_invalid');
$$;

grant select, insert on writ.approver, writ.approval, writ.approval_vote, writ.approval_use
    to writ_service;
grant update (groups, public_key, thumbprint, retired_at) on writ.approver to writ_service;
grant execute on function
    writ.is_asked(jsonb, text, text[]), writ.approvers_of(uuid, uuid, jsonb), writ.approval_state(uuid, uuid),
    writ.approval_fault(uuid, uuid, bytea, boolean) to writ_service;

create view audit.approvals as
    select a.task_id, a.id, a.requested_at, a.expires_at, a.delegation_id, a.decision_id,
           a.client_id as asked_by, a.audience, a.tool, a.arguments,
           encode(a.digest, 'hex') as digest, a.bound, a.rules, a.owners, a.holders,
           u.decision_id as used_by, u.at as used_at
      from writ.approval a
      left join writ.approval_use u on u.task_id = a.task_id and u.approval_id = a.id;
comment on view audit.approvals is 'What people were asked to approve, and what it was used for.';

create view audit.approval_votes as
    select task_id, approval_id, approver, thumbprint, decision, at, expires_at, statement
      from writ.approval_vote;
comment on view audit.approval_votes is 'What each of them signed.';
grant select on audit.approvals, audit.approval_votes to writ_auditor;
