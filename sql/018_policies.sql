-- Policies, version after version: what was in force when a decision was made can always be read.

set local role writ_owner;

create table writ.policy_version (
    version    bigint      primary key check (version > 0),
    at         timestamptz not null default now(),
    client_id  text        not null,
    name       text        not null check (name <> ''),
    text       text        not null check (octet_length(text) <= 524288)
);
comment on table writ.policy_version is
    'Each set of policies that was in force, with its author; inserted only. The highest version is in force; an empty text means none.';

-- Null: decided before there were policies.
alter table writ.decision add column policy_version bigint;
comment on column writ.decision.policy_version is
    'The policies that were in force, see policy_version; null: none had ever been set.';

create view audit.policies as
    select p.version, p.at, p.client_id as changed_by, p.name, p.text,
           encode(sha256(convert_to(p.text, 'UTF8')), 'hex') as sha256,
           p.version = (select max(n.version) from writ.policy_version n) as in_force
      from writ.policy_version p;
comment on view audit.policies is 'Each set of policies that was in force, with its author.';

create view audit.decided_under as
    select c.task_id, c.id as decision_id, c.policy_version
      from writ.decision c;
comment on view audit.decided_under is 'Which version of the policies each decision was made under.';

grant select, insert on writ.policy_version to writ_service;
grant select on audit.policies, audit.decided_under to writ_auditor;
