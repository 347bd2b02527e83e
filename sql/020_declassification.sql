-- Declassification. Who wants a label lowered says from which row of it, to what and why; people
-- approve exactly that; and the row that lowers it refers to the wish, to the use of the approval,
-- and to the row that the people saw. If the label rose meanwhile, there is nothing to refer to.
-- Nobody could write any of this before, so there are no rows to carry over.

set local role writ_owner;

-- ---- The wish ---------------------------------------------------------------------------------

alter table writ.declassification
    add column from_number integer not null,
    add column from_label jsonb not null,
    add constraint lowers_what_is_there
        foreign key (task_id, from_number, from_label)
        references writ.task_label (task_id, number, label),
    add constraint asks_for_less
        check ((writ.clearance_within(from_label, label) and label <> from_label) is true),
    add constraint wish_is_of_one_row unique (task_id, id, from_number);
comment on column writ.declassification.from_number is
    'The row of task_label that was the label: what people approve lowers this one and no other.';

-- What people approve is of a row, so what is read after they were asked has to make a new one, and
-- a read that adds nothing to the label made none. While somebody is asked, a read, or an outcome,
-- of more than the label is to be lowered to leaves a row of its own even where the label stays the
-- same; what they approve is of another row from then on, and is refused by its key. Exact without
-- any clock, as these rows and the one that lowers take the same lock. One a wish: of the new row
-- nobody is asked.
alter table writ.task_label
    drop constraint only_rises,
    add constraint only_rises
        check ((cause = 'declassified'
                or (label = writ.label_join(coalesce(previous_label, writ.label_bottom()), adds)
                    and (label <> coalesce(previous_label, writ.label_bottom())
                         or (previous_number is not null and cause <> 'continued')))) is true);

-- ---- Its approval -----------------------------------------------------------------------------

alter table writ.approval
    add column declassification_id uuid,
    alter column decision_id drop not null,
    alter column audience drop not null,
    alter column tool drop not null,
    alter column asked_sha256 drop not null,
    add constraint approves_a_call_or_a_declassification
        check (num_nulls(decision_id, audience, tool, asked_sha256)
               = case when declassification_id is null then 0 else 4 end),
    add constraint wish_is_approved_once unique (task_id, declassification_id),
    add constraint approval_of_a_wish unique (task_id, id, declassification_id),
    add foreign key (task_id, declassification_id) references writ.declassification (task_id, id);
comment on table writ.approval is
    'A call, or a declassification, that a person has to approve, and by what rules.';
comment on column writ.approval.delegation_id is
    'Of a declassification the root of the task.';
comment on column writ.approval.bound is
    'What the digest is of, as RFC 8785 JSON: api/docs/security.md.';

alter table writ.approval_use
    add column declassification_id uuid,
    alter column decision_id drop not null,
    add constraint used_for_one_thing
        check (num_nulls(decision_id, declassification_id) = 1),
    add constraint used_for_what_was_approved
        foreign key (task_id, approval_id, declassification_id)
        references writ.approval (task_id, id, declassification_id),
    add constraint use_for_a_wish unique (task_id, approval_id, declassification_id);
comment on table writ.approval_use is
    'The one permit, or the one declassification, that an approval was spent on.';

-- W6 for what concerns the task and not one chain: whoever has a part in the task by now, whenever
-- it came to be, has no word in it; nor has who has one in a task that this one goes on from, by
-- however many steps, as the label that is to be lowered came from there.
-- `offset 0`: a look-up each, in the shard of that task.
create function writ.goes_on_from(task uuid) returns setof uuid
language sql stable rows 2
set search_path = pg_catalog, pg_temp
as $$
    with recursive line (id) as (
        select task
        union
        select r.from_task
          from line
         cross join lateral (select l.from_task from writ.task_label l
                              where l.task_id = line.id and l.cause = 'continued' offset 0) r
    )
    select id from line;
$$;
comment on function writ.goes_on_from(uuid) is
    'The task, and those that its label came from by continues, however far.';

create function writ.owners_in(task uuid) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct g.owner order by g.owner), '{}')
      from writ.goes_on_from(task) as t (id)
     cross join lateral (select d.agent from writ.delegation d where d.task_id = t.id offset 0) d
      join writ.agent g on g.name = d.agent;
$$;
comment on function writ.owners_in(uuid) is
    'Who owns an agent that holds, or held, a link of this task or of one that it goes on from.';

create function writ.holders_in(task uuid) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct d.holder order by d.holder), '{}')
      from writ.goes_on_from(task) as t (id)
     cross join lateral (select d.holder from writ.delegation d where d.task_id = t.id offset 0) d;
$$;

create function writ.has_part_in(task uuid, person text, key text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select person = any (writ.owners_in(task))
        or key = any (writ.holders_in(task));
$$;

create or replace function writ.approvers_of(task uuid, approval uuid, rule jsonb) returns text[]
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
       and (a.declassification_id is null
            or not writ.has_part_in(task, v.approver, v.thumbprint))
       and writ.is_asked(rule, p.name, p.groups);
$$;

create function writ.is_beyond_a_wish(task uuid, number integer, adds jsonb) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from writ.declassification w
          join writ.approval a on a.task_id = w.task_id and a.declassification_id = w.id
         where w.task_id = task and w.from_number = number
           and not writ.clearance_within(w.label, adds)
           and writ.approval_state(task, a.id) in ('pending', 'approved'));
$$;
comment on function writ.is_beyond_a_wish(uuid, integer, jsonb) is
    'Somebody is asked to lower this row of the label to less than what is added to it.';

-- ---- The row that lowers ----------------------------------------------------------------------

alter table writ.task_label
    add column feed_no bigint check (feed_no > 0),
    add column by_client text check (by_client <> ''),
    add unique (task_id, feed_no),
    add constraint followers_hear_who_lowered_it
        check (num_nulls(feed_no, by_client) = case cause when 'declassified' then 0 else 2 end),
    add constraint lowered_from_what_was_seen
        foreign key (task_id, declassification_id, previous_number)
        references writ.declassification (task_id, id, from_number),
    add constraint lowered_by_its_own_approval
        foreign key (task_id, approval_id, declassification_id)
        references writ.approval_use (task_id, approval_id, declassification_id);
create index task_label_by_feed_no on writ.task_label (feed_no) where feed_no is not null;
comment on table writ.task_label is
    'How the label of a task rose (W5), and what raised or lowered it; inserted only. The newest row is the label.';
comment on column writ.task_label.feed_no is
    'Of a declassification: what was refused before it may be asked for anew, and replicas hear that by the feed.';
comment on column writ.task_label.at is
    'Of a rise, when its transaction began: before anybody saw what it reveals. Of a fall, after the lock was had: a link that was admitted before it was admitted under the label from before.';

create or replace view writ.feed_entry as
    select feed_no, kind, task_id, delegation_id, null::text as thumbprint, at, by_client
      from writ.revocation
    union all
    select feed_no, 'task_' || state, task_id, null, null, at, by_client
      from writ.task_end
    union all
    select feed_no, 'holder_revoked', null, null, thumbprint, at, by_client
      from writ.holder_revocation
    union all
    select feed_no, 'declassified', task_id, null, null, at, by_client
      from writ.task_label
     where feed_no is not null;
comment on view writ.feed_entry is
    'What followers read: kind is revoked, completed, task_completed, task_cancelled, task_expired, holder_revoked or declassified.';

-- Why a label is too much for what may leave: with the first that made it so, of what counts since it
-- was last lowered, and with what would lower it.
create or replace function writ.label_excess(task uuid, label jsonb, leaves jsonb) returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    cause text;
begin
    select case when r.decision_id is not null then 'decision ' || r.decision_id
                when r.from_task is not null then 'task ' || r.from_task
                else 'declassification ' || r.declassification_id end
      into cause
      from writ.task_label r
     where r.task_id = task
       and r.number >= coalesce((select max(d.number) from writ.task_label d
                                  where d.task_id = task and d.cause = 'declassified'), 0)
       and not writ.clearance_within(leaves, r.label)
     order by r.number limit 1;
    return format('the label is %s since %s; what may leave here is %s; '
                  'POST /v1/tasks/%s/declassifications asks people to lower it',
                  writ.label_text(label), cause, writ.label_text(leaves), task);
end
$$;

grant insert on writ.declassification to writ_service;
grant execute on function
    writ.goes_on_from(uuid), writ.owners_in(uuid), writ.holders_in(uuid),
    writ.has_part_in(uuid, text, text), writ.is_beyond_a_wish(uuid, integer, jsonb) to writ_service;

-- ---- For auditors -----------------------------------------------------------------------------

create or replace view audit.labels as
    select l.task_id, l.number, l.at, l.cause, l.decision_id, c.tool, c.agent, l.from_task,
           l.adds, l.label, l.previous_label, l.declassification_id, l.approval_id, l.by_client
      from writ.task_label l
      left join writ.decision c on c.task_id = l.task_id and c.id = l.decision_id;
comment on view audit.labels is
    'How the label of each task rose and fell, step by step; the highest number is the label now.';

create view audit.declassifications as
    select w.task_id, w.id, w.requested_at, w.requested_by, w.from_number, w.from_label, w.label,
           w.reason, a.id as approval_id, l.number as lowered_number, l.at as lowered_at,
           l.by_client as lowered_by
      from writ.declassification w
      left join writ.approval a on a.task_id = w.task_id and a.declassification_id = w.id
      left join writ.task_label l on l.task_id = w.task_id and l.declassification_id = w.id;
comment on view audit.declassifications is
    'Who wanted the label of a task lowered, to what and why, what people were asked, and whether it was.';

create or replace view audit.approvals as
    select a.task_id, a.id, a.requested_at, a.expires_at, a.delegation_id, a.decision_id,
           a.client_id as asked_by, a.audience, a.tool, a.arguments,
           encode(a.digest, 'hex') as digest, a.bound, a.rules, a.owners, a.holders,
           u.decision_id as used_by, u.at as used_at, a.declassification_id
      from writ.approval a
      left join writ.approval_use u on u.task_id = a.task_id and u.approval_id = a.id;

grant select on audit.declassifications to writ_auditor;
