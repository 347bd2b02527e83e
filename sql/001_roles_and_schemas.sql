-- The four group roles, the two schemas, and what PUBLIC may no longer do.
--
-- Every migration is one transaction. This one is run by whoever may create roles (the superuser
-- of the embedded cluster; elsewhere the owner of the database, with CREATEROLE). All others begin
-- with `set local role writ_owner`, so that every object has the one owner whoever runs them.
--
-- Roles belong to the cluster, not to the database: a second database in one cluster finds them.

do $$
declare
    wanted text;
begin
    foreach wanted in array array['writ_owner', 'writ_service', 'writ_log', 'writ_auditor'] loop
        begin
            execute format('create role %I nologin', wanted);
        exception
            when duplicate_object then null;   -- another database's migration came first
            when unique_violation then null;   -- ... or is coming at this very moment
        end;
    end loop;

    -- Who runs this must be able to act as the owner, and writd, which connects as the same login,
    -- as the service. A superuser can do both already.
    if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        foreach wanted in array array['writ_owner', 'writ_service'] loop
            if not pg_catalog.pg_has_role(current_user, wanted, 'member') then
                execute format('grant %I to current_user', wanted);
            end if;
        end loop;
    end if;

    -- PUBLIC loses CREATE and TEMP: nobody can put an object of his own before one of ours.
    execute format('revoke create, temporary on database %I from public', current_database());
    execute 'revoke create on schema public from public';
    if pg_catalog.has_database_privilege('writ_service', current_database(), 'temporary')
       or pg_catalog.has_database_privilege('writ_service', current_database(), 'create')
       or pg_catalog.has_schema_privilege('writ_service', 'public', 'create') then
        raise exception 'writ_service can still create objects in database %', current_database()
            using hint = 'Run the migrations as the owner of the database and of schema public.';
    end if;
end
$$;

create schema writ authorization writ_owner;
create schema audit authorization writ_owner;

comment on schema writ is 'The ledger: who holds which authority from whom, and each use of it.';
comment on schema audit is 'What an auditor may read. Views only; no secret and no token is in them.';

set local role writ_owner;

-- A new function is nobody's until 009 grants it.
alter default privileges for role writ_owner revoke execute on functions from public;

create table writ.migration (
    version     integer     primary key,
    name        text        not null,
    sha256      bytea       not null check (octet_length(sha256) = 32),
    applied_at  timestamptz not null default now()
);
comment on table writ.migration is
    'Which files of sql/ this database has seen; written by writd, checked at each start.';
