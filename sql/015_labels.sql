-- W5: the label of a task only rises, and rises before the answer that reveals the data. A row says
-- what was added and what the label is since; the newest row is the label now, and a task without
-- rows is public and trusted. A raise takes the task's lock alone (lock_tasks.sql) and whatever
-- sends data out shares it, so a raise and a send never pass each other, on whatever replica.

set local role writ_owner;

create function writ.label_bottom() returns jsonb
language sql immutable parallel safe
begin atomic
    select '{"confidentiality": "public", "integrity": "trusted", "categories": []}'::jsonb;
end;

-- The lowest label that is above both. Total: what is no label gives no label, which no CHECK takes.
create function writ.label_join(a jsonb, b jsonb) returns jsonb
language sql immutable parallel safe
begin atomic
    select case
        when writ.clearance_within(a, b) then a
        when writ.clearance_within(b, a) then b
        when writ.clearance_well_formed(a) and writ.clearance_well_formed(b) then
            jsonb_build_object(
                'confidentiality',
                case when array_position(array['public', 'internal', 'confidential', 'restricted'],
                                         a ->> 'confidentiality')
                       > array_position(array['public', 'internal', 'confidential', 'restricted'],
                                        b ->> 'confidentiality')
                     then a -> 'confidentiality' else b -> 'confidentiality' end,
                'integrity',
                case when 'untrusted' in (a ->> 'integrity', b ->> 'integrity')
                     then 'untrusted' else 'trusted' end,
                'categories',
                (select coalesce(jsonb_agg(c.name order by c.name collate "C"), '[]')
                   from (select jsonb_array_elements_text(a -> 'categories') as name
                         union
                         select jsonb_array_elements_text(b -> 'categories')) c))
    end;
end;

-- For people: "confidential, untrusted, pii".
create function writ.label_text(label jsonb) returns text
language sql immutable parallel safe
begin atomic
    select concat_ws(', ', label ->> 'confidentiality', label ->> 'integrity',
                     (select string_agg(c.name, ', ')
                        from jsonb_array_elements_text(label -> 'categories') as c (name)));
end;

-- A wish to lower the label. It lowers nothing, but from here on no replica answers a read of this
-- task from memory; what a replica knew of the label before is forgotten long before it can fall.
create table writ.declassification (
    task_id       uuid        not null references writ.task (task_id),
    id            uuid        not null,
    requested_at  timestamptz not null default now(),
    requested_by  text        not null check (requested_by <> ''),
    label         jsonb       not null,
    reason        text        not null check (reason <> ''),
    primary key (task_id, id),
    unique (task_id, id, requested_at, label),
    constraint asks_for_a_label check (writ.clearance_well_formed(label) is true)
);
comment on table writ.declassification is
    'Who wants a task''s label to be lowered, to what, and why; inserted only. An approval makes a row of task_label of it.';

create table writ.task_label (
    task_id              uuid        not null references writ.task (task_id),
    number               integer     not null,
    -- When its transaction began: before anybody saw what it reveals.
    at                   timestamptz not null default now(),
    cause                text        not null
        check (cause in ('read', 'outcome', 'continued', 'declassified')),
    decision_id          uuid,
    from_task            uuid,
    adds                 jsonb       not null,
    label                jsonb       not null,
    -- The copy of the row before; absent in the first.
    previous_number      integer,
    previous_label       jsonb,
    -- Of a declassification: the wish, and the approval that grants it.
    declassification_id  uuid,
    requested_at         timestamptz,
    approval_id          uuid,

    primary key (task_id, number),
    unique (task_id, number, label),
    unique (task_id, declassification_id),
    constraint copy_is_of_the_row_before
        foreign key (task_id, previous_number, previous_label)
        references writ.task_label (task_id, number, label),
    constraint copy_is_whole_or_absent
        check ((num_nulls(previous_number, previous_label) in (0, 2)) is true),
    constraint one_follows_another
        check ((number = coalesce(previous_number, 0) + 1) is true),
    constraint label_well_formed
        check ((writ.clearance_well_formed(label) and writ.clearance_well_formed(adds)) is true),
    constraint only_rises
        check ((cause = 'declassified'
                or (label = writ.label_join(coalesce(previous_label, writ.label_bottom()), adds)
                    and label <> coalesce(previous_label, writ.label_bottom()))) is true),
    constraint says_what_raised_it
        check (((cause in ('read', 'outcome')) = (decision_id is not null)
                and (cause = 'continued') = (from_task is not null)) is true),
    constraint lowered_only_with_an_approval
        check ((num_nulls(declassification_id, requested_at, approval_id)
                = case cause when 'declassified' then 0 else 3 end) is true),
    constraint lowered_to_what_was_wished
        foreign key (task_id, declassification_id, requested_at, adds)
        references writ.declassification (task_id, id, requested_at, label),
    constraint lowered_by_what_is_lower
        check ((cause <> 'declassified'
                or (label = adds and writ.clearance_within(previous_label, label))) is true),
    -- What a replica knows of a label holds for 30 seconds (service/ledger/chain.h).
    constraint lowered_after_all_have_forgotten
        check ((cause <> 'declassified' or at >= requested_at + interval '90 seconds') is true)
);
comment on table writ.task_label is
    'How the label of a task rose (W5), and what raised it; inserted only. The newest row is the label.';
comment on column writ.task_label.cause is
    'read: a permitted call returns it; outcome: its enforcement point said so; continued: the task goes on with another''s data; declassified: lowered, with an approval.';
comment on column writ.task_label.number is
    'In their order. Two that rise at once from the same row can not both be inserted.';

-- Why a label is too much for what may leave: with the first that made it so, of what counts since it
-- was last lowered.
create function writ.label_excess(task uuid, label jsonb, leaves jsonb) returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    cause text;
begin
    select case when r.decision_id is null then 'task ' || r.from_task
                else 'decision ' || r.decision_id end
      into cause
      from writ.task_label r
     where r.task_id = task
       and r.number > coalesce((select max(d.number) from writ.task_label d
                                 where d.task_id = task and d.cause = 'declassified'), 0)
       and not writ.clearance_within(leaves, r.label)
     order by r.number limit 1;
    return format('the label is %s since %s; what may leave here is %s',
                  writ.label_text(label), cause, writ.label_text(leaves));
end
$$;

grant select, insert on writ.task_label to writ_service;
grant select on writ.declassification to writ_service;
grant execute on function
    writ.label_bottom(), writ.label_join(jsonb, jsonb), writ.label_text(jsonb),
    writ.label_excess(uuid, jsonb, jsonb) to writ_service;

-- ---- Tools ------------------------------------------------------------------------------------

-- What a tool may send is a label, as what it returns is. A word was one without categories, which
-- only trusted data is within; to a pinned destination trust does not matter.
alter table writ.tool
    drop constraint tool_release_check,
    drop constraint tool_release_pinned_check,
    alter column release type jsonb using
        case when release is not null then
            jsonb_build_object('confidentiality', release, 'integrity', 'trusted',
                               'categories', '[]'::jsonb) end,
    alter column release_pinned type jsonb using
        case when release_pinned is not null then
            jsonb_build_object('confidentiality', release_pinned, 'integrity', 'untrusted',
                               'categories', '[]'::jsonb) end,
    add column sends boolean,
    add column schema_sha256 bytea check (octet_length(schema_sha256) = 32),
    add column offered_schema jsonb,
    add column suspended_at timestamptz;
update writ.tool set sends = destination is not null or effect = 'irreversible',
       release = coalesce(release, writ.label_bottom()),
       release_pinned = coalesce(release_pinned, '{"confidentiality": "confidential", "integrity": "untrusted", "categories": []}');
alter table writ.tool
    alter column sends set not null,
    alter column release set not null,
    alter column release_pinned set not null,
    add constraint release_is_a_label
        check ((writ.clearance_well_formed(release)
                and writ.clearance_well_formed(release_pinned)) is true),
    add constraint a_destination_sends
        check ((destination is null or sends) is true),
    add constraint what_sends_is_not_buffered
        check ((record = 'durable' or not sends) is true),
    add constraint suspended_for_a_schema
        check (((suspended_at is null) = (offered_schema is null)) is true);
comment on column writ.tool.sends is
    'Data leaves by a call of it: by its destination, or where nobody says (irreversible, unless declared otherwise).';
comment on column writ.tool.schema_sha256 is
    'Of the argument schema of its server that was reviewed, whether or not arguments are checked by it.';
comment on column writ.tool.suspended_at is
    'Its server offered another argument schema than the registered one: unregistered until that is accepted.';

-- ---- For auditors -----------------------------------------------------------------------------

create view audit.labels as
    select l.task_id, l.number, l.at, l.cause, l.decision_id, c.tool, c.agent, l.from_task,
           l.adds, l.label, l.previous_label, l.declassification_id, l.approval_id
      from writ.task_label l
      left join writ.decision c on c.task_id = l.task_id and c.id = l.decision_id;
comment on view audit.labels is
    'How the label of each task rose, call by call; the highest number is the label now.';

create or replace view audit.tasks as
    select t.task_id,
           case
               when e.state is not null then e.state
               when t.deadline <= now() then 'expired'
               else 'open'
           end as state,
           t.principal, t.purpose, t.evidence, t.opened_by, t.opened_at, t.deadline,
           e.at as ended_at, e.by_client as ended_by,
           (select count(*) from writ.delegation d where d.task_id = t.task_id) as delegations,
           coalesce((select l.label from writ.task_label l
                      where l.task_id = t.task_id order by l.number desc limit 1),
                    '{"confidentiality": "public", "integrity": "trusted", "categories": []}')
               as label
      from writ.task t
      left join writ.task_end e on e.task_id = t.task_id;
comment on column audit.tasks.label is 'Of all the data that was read in it (audit.labels).';

grant select on audit.labels to writ_auditor;
