-- W8 at less cost: what links say is stored once a task, and what was narrowed is judged once.
--
-- A body is the authority and the terms of links. Its digest is generated from its bytes, so that no
-- body can stand under the digest of another, and it is well-formed by itself. A narrowing has two
-- bodies, bytes and generated digests of both, and the CHECKs that compare them. A delegation has
-- digests: a root's names a body; a child's, with its parent's, names a narrowing. So a link whose
-- authority was never judged against its parent's has no row to refer to.
--
-- The copy of the parent's other facts stays, and so does the foreign key that proves it; the digest
-- of the parent's body is one of them.

set local role writ_owner;

-- Immutable as long as a database has one encoding, and it has.
create function writ.json(body bytea) returns jsonb
language sql immutable parallel safe strict
begin atomic
    select convert_from(body, 'UTF8')::jsonb;
end;

create table writ.body (
    task_id         uuid   not null,
    digest          bytea  not null
        generated always as (sha256(sha256(authority_json) || sha256(terms_json))) stored,
    authority_json  bytea  not null,
    terms_json      bytea  not null,
    authority       jsonb  not null generated always as (writ.json(authority_json)) stored,
    terms           jsonb  not null generated always as (writ.json(terms_json)) stored,
    primary key (task_id, digest),
    constraint authority_well_formed check (writ.authority_well_formed(authority) is true),
    constraint terms_well_formed check (writ.terms_well_formed(terms) is true)
);
comment on table writ.body is
    'What links of a task say, once for all that say the same; inserted only.';
comment on column writ.body.authority is 'The tools object of the token, as signed.';
comment on column writ.body.terms is
    'The effective terms: the fold over every link from the root, all five members always present.';

create table writ.narrowing (
    task_id                uuid   not null,
    parent_digest          bytea  not null generated always as
        (sha256(sha256(parent_authority_json) || sha256(parent_terms_json))) stored,
    digest                 bytea  not null
        generated always as (sha256(sha256(authority_json) || sha256(terms_json))) stored,
    parent_authority_json  bytea  not null,
    parent_terms_json      bytea  not null,
    authority_json         bytea  not null,
    terms_json             bytea  not null,
    primary key (task_id, parent_digest, digest),
    constraint narrowed_to_a_body foreign key (task_id, digest) references writ.body (task_id, digest),

    -- I4 capability
    constraint narrower
        check (writ.narrower(writ.json(parent_authority_json), writ.json(authority_json)) is true),
    -- The effective terms, a fold over every link, never looser than the parent's.
    constraint terms_narrower
        check (writ.terms_narrower(writ.json(parent_terms_json), writ.json(terms_json)) is true),
    constraint call_only_is_not_passed_on
        check (writ.passes_on_no_call_only(writ.json(parent_terms_json),
                                           writ.json(authority_json)) is true)
);
comment on table writ.narrowing is
    'Each pair of bodies that a parent and a child of the task have, judged once (W8); inserted only.';

-- ---- What was recorded before ----------------------------------------------------------------------

-- The views read the columns that go.
drop view audit.who_can, audit.delegations;

create function writ.json_bytes(body jsonb) returns bytea
language sql immutable strict
begin atomic
    select convert_to(body::text, 'UTF8');
end;

insert into writ.body (task_id, authority_json, terms_json)
select distinct task_id, writ.json_bytes(authority), writ.json_bytes(terms)
  from writ.delegation;

insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
                            terms_json)
select distinct task_id, writ.json_bytes(parent_authority), writ.json_bytes(parent_terms),
       writ.json_bytes(authority), writ.json_bytes(terms)
  from writ.delegation
 where parent_id is not null;

-- Generated while the bodies are still there, and from then on given.
alter table writ.delegation
    add column digest bytea not null generated always as
        (sha256(sha256(writ.json_bytes(authority)) || sha256(writ.json_bytes(terms)))) stored,
    add column parent_digest bytea generated always as
        (sha256(sha256(writ.json_bytes(parent_authority))
                || sha256(writ.json_bytes(parent_terms)))) stored;

alter table writ.delegation
    alter column digest drop expression,
    alter column parent_digest drop expression,
    drop constraint copy_is_the_parents,
    drop constraint copy_is_whole_or_absent,
    drop constraint delegation_facts,
    drop column authority_digest,
    drop column terms_digest,
    drop column parent_authority_digest,
    drop column parent_terms_digest;

alter table writ.delegation
    drop column authority,
    drop column terms,
    drop column parent_authority,
    drop column parent_terms;

drop function writ.json_bytes(jsonb), writ.digest(jsonb);

-- ---- The rules -------------------------------------------------------------------------------------

alter table writ.delegation
    add column root_digest bytea
        generated always as (case when parent_id is null then digest end) stored,

    -- What a child's copy must equal.
    add constraint delegation_facts
        unique (task_id, id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder),
    -- I5 linkage, and the proof that the copy is the parent's, of this task.
    add constraint copy_is_the_parents
        foreign key (task_id, parent_id, parent_depth, parent_max_depth, parent_issued_at,
                     parent_expires_at, parent_digest, parent_hash, parent_holder)
        references writ.delegation (task_id, id, depth, max_depth, issued_at, expires_at, digest,
                                    token_hash, holder),
    add constraint copy_is_whole_or_absent
        check ((num_nulls(parent_id, parent_depth, parent_max_depth, parent_issued_at,
                          parent_expires_at, parent_digest, parent_hash,
                          parent_holder) in (0, 8)) is true),
    -- I4 capability, and the terms: by a narrowing of this task, from the parent's body to this one.
    add constraint narrowed_from_the_parents
        foreign key (task_id, parent_digest, digest)
        references writ.narrowing (task_id, parent_digest, digest),
    add constraint root_has_a_body
        foreign key (task_id, root_digest) references writ.body (task_id, digest);

comment on column writ.delegation.digest is
    'Of its body: what it authorizes, and its effective terms.';
comment on column writ.delegation.root_digest is 'The same, in a root only.';

-- ---- What is read ----------------------------------------------------------------------------------

create view audit.delegations as
    select d.task_id, d.id, d.parent_id, d.depth, d.agent, d.holder, d.attributed,
           case
               when r.kind is not null then r.kind
               when h.thumbprint is not null then 'revoked'
               when coalesce(t.ended, true) or d.expires_at <= now() then 'expired'
               when l.expires_at is null or l.expires_at <= now() then 'lapsed'
               when up.dead then 'dead_by_ancestor'
               else 'live'
           end as state,
           b.authority, b.terms, d.audience, d.max_depth, d.issued_at, d.expires_at,
           l.expires_at as lease_until,
           d.admitted_at, d.admitted_by,
           coalesce(r.at, h.at) as ended_at,
           coalesce(r.by_client, h.by_client) as ended_by,
           coalesce(r.reason, h.reason) as reason,
           encode(d.token_hash, 'hex') as token_hash
      from writ.delegation d
      join writ.body b on b.task_id = d.task_id and b.digest = d.digest
      left join writ.revocation r on r.task_id = d.task_id and r.delegation_id = d.id
      left join writ.holder_revocation h on h.thumbprint = d.holder
      left join writ.lease l on l.task_id = d.task_id and l.delegation_id = d.id
      left join lateral (
          select t.deadline <= now()
                 or exists (select from writ.task_end e where e.task_id = t.task_id) as ended
            from writ.task t where t.task_id = d.task_id) t on true
      cross join lateral (
          with recursive line as (
              select a.id, a.parent_id, a.holder
                from writ.delegation a
               where a.task_id = d.task_id and a.id = d.parent_id
              union all
              select a.id, a.parent_id, a.holder
                from line
                join writ.delegation a on a.task_id = d.task_id and a.id = line.parent_id)
          select coalesce(bool_or(
                     ar.delegation_id is not null or ah.thumbprint is not null
                     or al.expires_at is null or al.expires_at <= now()), false) as dead
            from line
            left join writ.revocation ar on ar.task_id = d.task_id and ar.delegation_id = line.id
            left join writ.holder_revocation ah on ah.thumbprint = line.holder
            left join writ.lease al on al.task_id = d.task_id and al.delegation_id = line.id) up;
comment on view audit.delegations is
    'Each recorded link, what it authorizes, and whether it is alive now. Best read with a task_id.';
comment on column audit.delegations.state is
    'live; revoked or completed (itself, or its key); expired (its exp, or its task is over); lapsed (its lease); dead_by_ancestor.';
comment on column audit.delegations.authority is 'The tools of the token as signed; a child''s is never wider.';
comment on column audit.delegations.terms is 'Effective terms: the fold over every link from the root.';
comment on column audit.delegations.attributed is
    'False: first seen at use, signed by its parent''s holder, but by no enrolled agent.';

create view audit.who_can as
    select d.task_id, d.id as delegation_id, d.agent, d.holder, d.depth, tool.name as tool,
           tool.constraints,
           d.state = 'live'
           and not exists (
               select from jsonb_array_elements(d.terms -> 'barred') as bar
                where bar ->> 'tool' = tool.name
                  and (bar ->> 'agent' = d.agent or bar ->> 'key' = d.holder)) as may_call,
           d.state = 'live' and d.depth < d.max_depth
           and not d.terms -> 'call_only' ? tool.name as may_pass_on,
           d.state, d.expires_at
      from audit.delegations d
     cross join lateral jsonb_each(d.authority) as tool (name, constraints);
comment on view audit.who_can is
    'Each tool of each delegation, with its constraints: who can do what, now and before.';
comment on column audit.who_can.may_call is
    'Live and not barred (pass_only). The registry, labels, approvals and budgets still judge each call.';

-- A task has many links. A plan that was made while each had one would look a link up by an index
-- that only begins with its task, and pass all the others on the way.
alter table writ.delegation alter column task_id set (n_distinct = -0.01);

grant select, insert on writ.body, writ.narrowing to writ_service;
grant execute on function writ.json(bytea) to writ_service;
grant select on audit.delegations, audit.who_can to writ_auditor;
