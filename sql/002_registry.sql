-- What administrators declare: agents, clients, tools, holder keys; and who changed it.
-- These tables are small and the same for every task (reference tables on Citus).

set local role writ_owner;

create table writ.agent (
    name        text        primary key check (name <> ''),
    role        text        not null check (role <> ''),
    owner       text        not null default '',
    identities  jsonb       not null default '[]' check (jsonb_typeof(identities) = 'array'),
    created_at  timestamptz not null default now(),
    retired_at  timestamptz
);
comment on table writ.agent is
    'A registered kind of workload. Fifty retrievers are one agent with fifty holders.';
comment on column writ.agent.role is
    'orchestrator, planner, retriever, executor, or the user''s own word.';

create table writ.client (
    id             text        primary key check (id <> ''),
    secret_sha256  bytea       not null check (octet_length(secret_sha256) = 32),
    role           text        not null check (role in ('admin', 'issuer', 'orchestrator', 'agent',
                                                        'enforcer', 'auditor', 'approver')),
    agent          text        references writ.agent (name),
    audience       text        check (audience <> ''),
    ceiling        jsonb       not null default '{}' check (jsonb_typeof(ceiling) = 'object'),
    disabled_at    timestamptz,
    created_at     timestamptz not null default now(),
    -- Whoever is judged does not ask: an enforcement point, and nobody else, has an audience.
    constraint an_enforcer_has_an_audience
        check (((role = 'enforcer') = (audience is not null)) is true),
    constraint an_agent_client_has_an_agent
        check ((role <> 'agent' or agent is not null) is true)
);
comment on column writ.client.ceiling is
    'W12: members principals[], audiences[], authority{tools}, clearance{}, open_tasks, '
    'max_lifetime_s, budget_a_day[]. The default is empty: such a client can issue nothing.';

create table writ.registry_change (
    id         uuid        primary key,
    at         timestamptz not null default now(),
    client_id  text        not null,
    kind       text        not null check (kind <> ''),
    key        text        not null,
    before     jsonb,
    after      jsonb,
    constraint something_changed check ((num_nulls(before, after) < 2) is true)
);
comment on table writ.registry_change is
    'Every administrative change with its author; inserted only. Secrets are left out of the bodies.';

create table writ.tool (
    audience         text        not null check (audience <> ''),
    name             text        not null check (name <> ''),
    effect           text        not null check (effect in ('read', 'write', 'irreversible')),
    argument_schema  jsonb,
    sensitivity      jsonb       not null
        default '{"confidentiality": "public", "integrity": "untrusted", "categories": []}',
    destination      text        check (destination <> ''),
    release          text        check (release in ('public', 'internal', 'confidential', 'restricted')),
    release_pinned   text        check (release_pinned in ('public', 'internal', 'confidential',
                                                           'restricted')),
    record           text        not null default 'durable' check (record in ('durable', 'buffered')),
    created_at       timestamptz not null default now(),
    retired_at       timestamptz,
    primary key (audience, name),
    -- W7: only a read that sends nothing out may lose its last second of records in a crash.
    constraint only_reads_are_buffered
        check ((record = 'durable' or (effect = 'read' and destination is null)) is true)
);
comment on column writ.tool.retired_at is
    'A retired tool is unregistered: denied. Nothing is deleted, so old decisions still explain themselves.';
comment on column writ.tool.destination is 'The argument that sends data out, if there is one.';
comment on column writ.tool.release is 'Highest label the tool may send anywhere.';
comment on column writ.tool.release_pinned is 'Highest label it may send to a destination that the chain pins.';

-- RFC 7638 thumbprint of an Ed25519 key.
create function writ.thumbprint(public_key bytea) returns text
language sql immutable parallel safe strict
begin atomic
    select rtrim(translate(encode(sha256(convert_to(
               '{"crv":"Ed25519","kty":"OKP","x":"'
               || rtrim(translate(encode(public_key, 'base64'), '+/', '-_'), '=')
               || '"}', 'UTF8')), 'base64'), '+/', '-_'), '=');
end;

create table writ.holder (
    thumbprint   text        primary key,
    public_key   bytea       not null check (octet_length(public_key) = 32),
    agent        text        not null references writ.agent (name),
    custody      text        not null check (custody in ('self', 'managed')),
    sealed_key   bytea,
    enrolled_by  text        not null,
    enrolled_at  timestamptz not null default now(),
    constraint thumbprint_is_of_this_key check ((thumbprint = writ.thumbprint(public_key)) is true),
    constraint only_managed_keys_are_kept
        check (((custody = 'managed') = (sealed_key is not null)) is true)
);
comment on column writ.holder.sealed_key is
    'The private key of a managed holder under the service''s master key; a self-held key is never here.';
