-- W8: the database refuses a wider, deeper, longer-lived or orphan link, or a second root in a
-- task, by INSERT, COPY or UPDATE, whatever the service does.
--
-- How: a child carries a copy of its parent's facts. One foreign key proves that the copy is the
-- parent's (bodies by their digests); CHECKs compare the child with the copy. A lie in the copy
-- fails the key, a wider child fails a check. No NULL may switch a rule off: the copy is whole or
-- absent, absent only in a root, and every CHECK is `(...) is true`.

set local role writ_owner;

create table writ.task (
    task_id    uuid        primary key,
    principal  text        not null check (principal <> ''),
    purpose    text        not null,
    evidence   jsonb       not null,
    deadline   timestamptz not null,
    opened_by  text        not null,
    opened_at  timestamptz not null default now(),
    constraint task_ends_after_it_opens check ((deadline > opened_at) is true),
    constraint task_with_deadline unique (task_id, deadline)
);
comment on table writ.task is
    'The unit of authority: every token belongs to one task and dies with it. Inserted only; its end is a row of task_end.';

create table writ.delegation (
    task_id                  uuid        not null,
    id                       uuid        not null,
    parent_id                uuid,
    depth                    integer     not null,
    max_depth                integer     not null,
    issued_at                timestamptz not null,
    expires_at               timestamptz not null,
    authority                jsonb       not null,
    authority_digest         bytea       not null generated always as (writ.digest(authority)) stored,
    terms                    jsonb       not null,
    terms_digest             bytea       not null generated always as (writ.digest(terms)) stored,
    token_hash               bytea       not null,
    holder                   text        not null,

    -- The copy of the parent's facts: all present, or all absent in a root.
    parent_depth             integer,
    parent_max_depth         integer,
    parent_issued_at         timestamptz,
    parent_expires_at        timestamptz,
    parent_authority         jsonb,
    parent_authority_digest  bytea       generated always as (writ.digest(parent_authority)) stored,
    parent_terms             jsonb,
    parent_terms_digest      bytea       generated always as (writ.digest(parent_terms)) stored,
    parent_hash              bytea,
    parent_holder            text,

    -- Only a root names the deadline; every other link is bounded by its parent.
    task_deadline            timestamptz,

    token                    bytea       not null,
    jti                      text        not null,
    agent                    text,
    attributed               boolean     not null default true,
    audience                 jsonb,
    handle_sha256            bytea,
    admitted_at              timestamptz not null default now(),
    admitted_by              text        not null,

    primary key (task_id, id),
    constraint delegation_token unique (task_id, token_hash),
    -- What a child's copy must equal.
    constraint delegation_facts unique (task_id, id, depth, max_depth, issued_at, expires_at,
                                        authority_digest, terms_digest, token_hash, holder),

    -- I5 linkage, and the proof that the copy is the parent's, of this task.
    constraint copy_is_the_parents
        foreign key (task_id, parent_id, parent_depth, parent_max_depth, parent_issued_at,
                     parent_expires_at, parent_authority_digest, parent_terms_digest, parent_hash,
                     parent_holder)
        references writ.delegation (task_id, id, depth, max_depth, issued_at, expires_at,
                                    authority_digest, terms_digest, token_hash, holder),
    constraint copy_is_whole_or_absent
        check ((num_nulls(parent_id, parent_depth, parent_max_depth, parent_issued_at,
                          parent_expires_at, parent_authority, parent_terms, parent_hash,
                          parent_holder) in (0, 9)) is true),
    constraint only_a_root_has_no_parent
        check (((depth = 0) = (parent_id is null)) is true),

    -- A root lives in a recorded task and no longer than it.
    constraint root_is_of_a_task
        foreign key (task_id, task_deadline) references writ.task (task_id, deadline),
    constraint only_a_root_names_the_deadline
        check (((task_deadline is not null) = (parent_id is null)) is true),
    constraint ends_with_the_task
        check ((parent_id is not null or expires_at <= task_deadline) is true),

    -- I2 depth
    constraint one_deeper
        check ((parent_id is null or depth = parent_depth + 1) is true),
    constraint depth_within_bounds
        check ((depth between 0 and max_depth and max_depth <= 32) is true),
    constraint no_deeper_than_the_parent_allows
        check ((parent_id is null or max_depth <= parent_max_depth) is true),

    -- I3 lifetime
    constraint expires_after_it_is_issued
        check ((expires_at > issued_at) is true),
    constraint does_not_outlive_its_parent
        check ((parent_id is null or expires_at <= parent_expires_at) is true),
    constraint not_issued_before_its_parent
        check ((parent_id is null or issued_at >= parent_issued_at) is true),
    constraint times_are_finite
        check ((isfinite(issued_at) and isfinite(expires_at)) is true),

    -- I4 capability. A root is well-formed by itself; a child is, because its parent is and
    -- narrows() looks at all that differs: so by induction every row is.
    constraint authority_well_formed
        check ((parent_id is not null or writ.authority_well_formed(authority)) is true),
    constraint narrower
        check ((parent_id is null or authority = parent_authority
                or writ.narrows(parent_authority, authority)) is true),

    -- The effective terms, a fold over every link, never looser than the parent's; likewise.
    constraint terms_well_formed
        check ((parent_id is not null or writ.terms_well_formed(terms)) is true),
    constraint terms_narrower
        check ((parent_id is null or terms = parent_terms
                or writ.terms_narrow(parent_terms, terms)) is true),
    constraint call_only_is_not_passed_on
        check ((parent_id is null or writ.passes_on_no_call_only(parent_terms, authority)) is true),

    constraint token_is_sized
        check ((octet_length(token) between 1 and 65536 and octet_length(token_hash) = 32) is true),
    constraint handle_is_a_digest
        check ((handle_sha256 is null or octet_length(handle_sha256) = 32) is true),
    constraint audience_is_a_list
        check ((audience is null or jsonb_typeof(audience) in ('array', 'string')) is true),
    constraint attributed_to_an_agent
        check ((not attributed or agent is not null) is true)
) with (toast_tuple_target = 8160);
-- A row is about 3 kB of token and bodies. Tokens do not compress; trying to, and storing them out
-- of line, costs as much as all the rest of the insert.

-- W8: one root a task.
create unique index delegation_one_root on writ.delegation (task_id) where parent_id is null;
-- Children of a node; also what the foreign key asks when a parent is touched.
create index delegation_children on writ.delegation (task_id, parent_id) where parent_id is not null;
-- A look-up by bare id is for people. Ids are in time order, so a block range index serves it at no
-- cost to the insert; every hot statement names its task.
create index delegation_by_id on writ.delegation using brin (id);

comment on table writ.delegation is
    'The recorded edge parent to child, inserted only. Its CHECKs and keys are the last line of defence (W8).';
comment on column writ.delegation.authority is 'The tools object of the token, as signed.';
comment on column writ.delegation.terms is
    'The effective terms: the fold over every link from the root, all five members always present.';
comment on column writ.delegation.token_hash is 'SHA-256 of the JWS signing input; a child''s par_hash.';
comment on column writ.delegation.token is 'The compact JWS, byte for byte.';
comment on column writ.delegation.handle_sha256 is
    'W11: digest of the random handle returned once at admission; bytes of a token prove nothing.';
comment on column writ.delegation.task_deadline is 'The task''s deadline, in a root only.';

-- Authority dies in minutes when it is abandoned: a delegation whose lease has lapsed is dead, with
-- all below. No foreign key: it is written in the admission's own transaction, and a lease of
-- nothing gives nothing.
create table writ.lease (
    task_id        uuid        not null,
    delegation_id  uuid        not null,
    expires_at     timestamptz not null,
    primary key (task_id, delegation_id)
) with (fillfactor = 70);   -- renewed in place (HOT): no index on expires_at
