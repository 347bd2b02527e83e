-- What was decided, what came of it, and which proofs are spent.
--
-- Arguments and refused input are bytes plus digest, never text or jsonb: what a model wrote must
-- not be able to break, or be changed by, the record of it. No foreign key points at decision or
-- proof_used, so that old partitions can be dropped. There is no default partition: a row without a
-- partition is an error, an error is a deny (W10), and ensure_* keeps partitions ahead.

set local role writ_owner;

create table writ.decision (
    task_id           uuid        not null,
    id                uuid        not null,
    at                timestamptz not null,
    delegation_id     uuid,
    client_id         text        not null,
    audience          text        not null,
    tool              text        not null,
    verdict           text        not null check (verdict in ('permit', 'deny')),
    outcome           text        check (outcome <> ''),
    hop               integer,
    field             text,
    detail            text,
    arguments         bytea,
    arguments_sha256  bytea       check (octet_length(arguments_sha256) = 32),
    request_sha256    bytea       check (octet_length(request_sha256) = 32),
    agent             text,
    holder            text,
    proof_jti         text,
    start_by          timestamptz,
    recorded          text        not null default 'durable' check (recorded in ('durable', 'buffered')),
    idempotency_key   text,
    primary key (task_id, id),
    constraint a_denial_has_an_outcome
        check (((verdict = 'deny') = (outcome is not null)) is true),
    -- W10: permit only with a chain, a proof and arguments.
    constraint a_permit_is_of_a_proof
        check ((verdict = 'deny' or num_nulls(delegation_id, proof_jti, holder, arguments_sha256,
                                              start_by) = 0) is true),
    constraint digest_is_of_these_arguments
        check ((arguments is null or arguments_sha256 = sha256(arguments)) is true)
) partition by range (id);
create index decision_by_id on writ.decision using brin (id);
comment on table writ.decision is
    'The recorded answer (W7), inserted only; partitioned by the time in its UUIDv7 id.';
comment on column writ.decision.arguments is 'The canonical argument bytes that were judged and forwarded.';
comment on column writ.decision.field is 'The member that denied; fixed words, never the caller''s text.';

create table writ.decision_outcome (
    task_id      uuid        not null,
    decision_id  uuid        not null,
    at           timestamptz not null default now(),
    by_client    text        not null,
    success      boolean     not null,
    label        jsonb,
    unit         text,
    amount       text        check (amount ~ '^(0|[1-9][0-9]{0,19})(\.[0-9]{1,9})?$'),
    reference    text,
    primary key (task_id, decision_id)
);
comment on table writ.decision_outcome is
    'What the call did, reported once by its enforcement point; inserted only.';

create table writ.refusal_count (
    client_id  text        not null,
    outcome    text        not null,
    minute     timestamptz not null,
    count      bigint      not null check (count > 0),
    primary key (client_id, outcome, minute)
) with (fillfactor = 70);
comment on table writ.refusal_count is
    'Refusals before possession was proved: one counted row a (caller, outcome, minute) (W7).';

-- W3: (leaf, jti) is accepted at most once over all replicas. The proof's iat is signed, so the
-- same proof always falls into the same bucket.
create table writ.proof_used (
    task_id      uuid        not null,
    leaf_hash    bytea       not null check (octet_length(leaf_hash) = 32),
    jti          text        not null,
    bucket       bigint      not null,
    iat          timestamptz not null,
    decision_id  uuid        not null,
    primary key (task_id, leaf_hash, jti, bucket),
    constraint bucket_is_of_the_iat
        check ((bucket = floor(extract(epoch from iat) / 3600)::bigint) is true)
) partition by range (bucket);
comment on table writ.proof_used is 'Spent proofs; consumed only on permit.';
comment on column writ.proof_used.bucket is 'iat in hours since 1970: floor(unix seconds / 3600).';

create table writ.proof_floor (
    one     boolean primary key default true check (one),
    bucket  bigint  not null
);
comment on table writ.proof_floor is
    'The oldest bucket that is kept. A proof below it is expired, whatever the clock says.';
-- Nothing was accepted before this database existed, so nothing before it can be replayed.
insert into writ.proof_floor (bucket) values (floor(extract(epoch from now()) / 3600)::bigint - 24);

-- The service has no DDL; these two functions are all of it that it may do. A partition is a UTC
-- day. It is made apart and attached, because CREATE ... PARTITION OF would lock out every writer.
create function writ.uuidv7_floor(moment timestamptz) returns uuid
language sql immutable parallel safe strict
begin atomic
    select (lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0')
            || '00000000000000000000')::uuid;
end;
comment on function writ.uuidv7_floor(timestamptz) is
    'Below every UUIDv7 made at or after the moment; for bounds, never as an id.';

create function writ.ensure_day_partitions(target regclass, from_at timestamptz, to_at timestamptz)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    day    date := from_at::date;
    child  text;
    low    text;
    high   text;
    made   integer := 0;
begin
    if from_at is null or to_at is null or not isfinite(from_at) or not isfinite(to_at)
       or to_at < from_at or to_at - from_at > interval '400 days' then
        raise exception 'partitions for % to %: not a range of at most 400 days', from_at, to_at
            using errcode = 'invalid_parameter_value';
    end if;
    -- Two replicas may ask at once.
    perform pg_advisory_xact_lock(hashtextextended('writ.ensure_day_partitions', 0));
    while day <= to_at::date loop
        child := (select relname from pg_class where oid = target) || to_char(day, '_YYYYMMDD');
        if to_regclass(format('writ.%I', child)) is null then
            if target = 'writ.decision'::regclass then
                low := quote_literal(writ.uuidv7_floor(day::timestamptz));
                high := quote_literal(writ.uuidv7_floor((day + 1)::timestamptz));
            else
                low := (extract(epoch from day::timestamptz)::bigint / 3600)::text;
                high := (extract(epoch from (day + 1)::timestamptz)::bigint / 3600)::text;
            end if;
            execute format('create table writ.%I (like %s including all)', child, target);
            execute format('alter table %s attach partition writ.%I for values from (%s) to (%s)',
                           target, child, low, high);
            made := made + 1;
        end if;
        day := day + 1;
    end loop;
    return made;
end
$$;

create function writ.ensure_decision_partitions(from_at timestamptz, to_at timestamptz)
returns integer
language sql security definer
set search_path = pg_catalog, pg_temp
as $$ select writ.ensure_day_partitions('writ.decision', from_at, to_at) $$;

create function writ.ensure_proof_partitions(from_at timestamptz, to_at timestamptz)
returns integer
language sql security definer
set search_path = pg_catalog, pg_temp
as $$ select writ.ensure_day_partitions('writ.proof_used', from_at, to_at) $$;

comment on function writ.ensure_decision_partitions(timestamptz, timestamptz) is
    'Makes the missing daily partitions between two moments, both included; answers how many.';

select writ.ensure_decision_partitions(now() - interval '1 day', now() + interval '7 days');
select writ.ensure_proof_partitions(now() - interval '1 day', now() + interval '7 days');
