-- W4: at every node spent + reserved + carved <= granted, under any concurrency.
--
-- An account is what one link was granted in one unit. A child's is carved out of the nearest one
-- above it in the transaction that admits it; a call falls on the nearest account of each entry
-- that covers it, and on no other. So a subtree never spends more than its root was granted, and a
-- call touches one row a unit however deep its chain is.
--
-- What cannot be used any more is withheld: the rest of an account that is frozen, and what a closed
-- one gave back. So `remaining` is always the same subtraction, and a debit is one comparison.

set local role writ_owner;

create table writ.account (
    task_id        uuid        not null,
    delegation_id  uuid        not null,
    entry          smallint    not null check (entry between 0 and 256),
    unit           text        not null check (unit <> ''),
    tool           text        check (tool <> ''),
    argument       text        check (argument <> ''),
    granted        numeric     not null check (granted >= 0),
    carved         numeric     not null default 0 check (carved >= 0),
    reserved       numeric     not null default 0 check (reserved >= 0),
    spent          numeric     not null default 0 check (spent >= 0),
    withheld       numeric     not null default 0 check (withheld >= 0),
    overspent      numeric     not null default 0 check (overspent >= 0),
    remaining      numeric     not null
        generated always as (granted - carved - reserved - spent - withheld) stored,
    -- The account that it was carved from.
    from_id        uuid,
    from_entry     smallint,
    frozen_at      timestamptz,
    closed_at      timestamptz,
    primary key (task_id, delegation_id, entry),
    foreign key (task_id, delegation_id) references writ.delegation (task_id, id),
    foreign key (task_id, from_id, from_entry)
        references writ.account (task_id, delegation_id, entry),
    constraint account_is_conserved
        check ((spent + reserved + carved + withheld <= granted) is true),
    constraint account_is_of_finite_amounts
        check ((granted < 'infinity' and carved < 'infinity' and reserved < 'infinity'
                and spent < 'infinity' and withheld < 'infinity'
                and overspent < 'infinity') is true),
    constraint carved_from_a_whole_account
        check ((num_nulls(from_id, from_entry) in (0, 2) and from_id is distinct from delegation_id)
               is true),
    constraint frozen_account_has_nothing_left
        check ((frozen_at is null or remaining = 0) is true),
    constraint closed_account_is_settled
        check ((closed_at is null or (carved = 0 and reserved = 0 and spent + withheld = granted))
               is true)
) with (fillfactor = 50);   -- debited in place (HOT): no index has an amount
comment on table writ.account is
    'What one link was granted in one unit, and what became of it (W4). Never deleted.';
comment on column writ.account.entry is
    'Where it stands in the budget of the link''s effective terms, from 1; 0 is the operator''s default for a root that says nothing of calls.';
comment on column writ.account.carved is 'Granted on to accounts below that are not closed yet.';
comment on column writ.account.reserved is 'Judged and permitted, and no outcome reported yet.';
comment on column writ.account.withheld is
    'Nobody''s any more: the rest of a frozen account, or what a closed one gave back.';
comment on column writ.account.overspent is
    'What outcomes reported beyond what was reserved, and reads that were answered before they were counted: never part of spent.';

-- What a pass over the ends looks for: accounts that are still to give something back.
-- Deadlines over all tasks, for the pass that records them; a key is not hot.
create index task_by_deadline on writ.task (deadline);

create index account_open on writ.account (task_id, delegation_id)
    where closed_at is null and from_id is not null;

-- An amount that was judged, by its permit; inserted only. It is held until its outcome is reported
-- (decision_outcome) or its account is closed, and counts as spent then.
create table writ.reservation (
    task_id        uuid     not null,
    decision_id    uuid     not null,
    delegation_id  uuid     not null,
    entry          smallint not null,
    amount         numeric  not null check (amount >= 0 and amount < 'infinity'),
    primary key (task_id, decision_id, delegation_id, entry),
    foreign key (task_id, delegation_id, entry)
        references writ.account (task_id, delegation_id, entry)
);
comment on table writ.reservation is
    'What a permit set aside in an account for one call: released once, by its outcome.';

-- Closes the accounts of what is dead and gives the rest back to those they were carved from, the
-- deepest first; answers how many. The caller holds the task's lock alone. A second time it finds
-- nothing. A reserve without an outcome counts as spent: the call may have happened.
create function writ.settle(task uuid) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    account record;
    used    numeric;
    closed  integer := 0;
    is_over boolean := exists (select from writ.task_end e where e.task_id = task)
                       or not exists (select from writ.task t
                                       where t.task_id = task
                                         and t.deadline > statement_timestamp());
begin
    perform from writ.account a
      where a.task_id = task
      order by a.delegation_id, a.entry
        for no key update;
    for account in
        with recursive line as (
            select o.delegation_id as leaf, d.id, d.parent_id, d.depth, d.holder, d.expires_at
              from (select distinct a.delegation_id from writ.account a
                     where a.task_id = task and a.closed_at is null) o
              join writ.delegation d on d.task_id = task and d.id = o.delegation_id
            union all
            select l.leaf, d.id, d.parent_id, d.depth, d.holder, d.expires_at
              from line l
              join writ.delegation d on d.task_id = task and d.id = l.parent_id
        ), dead as (
            select l.leaf, max(l.depth) as depth
              from line l
              left join writ.lease s on s.task_id = task and s.delegation_id = l.id
             group by l.leaf
            having is_over
                or bool_or(l.expires_at <= statement_timestamp()
                           or s.expires_at is null or s.expires_at <= statement_timestamp()
                           or exists (select from writ.revocation r
                                       where r.task_id = task and r.delegation_id = l.id)
                           or exists (select from writ.holder_revocation h
                                       where h.thumbprint = l.holder))
        )
        select a.* from writ.account a
          join dead d on d.leaf = a.delegation_id
         where a.task_id = task and a.closed_at is null
         order by d.depth desc, a.delegation_id, a.entry
    loop
        update writ.account a
           set spent = a.spent + a.reserved, reserved = 0,
               withheld = a.granted - a.spent - a.reserved, closed_at = statement_timestamp()
         where a.task_id = task and a.delegation_id = account.delegation_id
           and a.entry = account.entry
        returning a.spent into used;
        update writ.account a
           set carved = a.carved - account.granted, spent = a.spent + used,
               withheld = a.withheld
                          + case when a.frozen_at is null then 0 else account.granted - used end
         where a.task_id = task and a.delegation_id = account.from_id
           and a.entry = account.from_entry;
        closed := closed + 1;
    end loop;
    return closed;
end
$$;
comment on function writ.settle(uuid) is
    'Gives back what is left in the accounts of dead delegations of a task, once.';

-- Roots that are alive get what they would have been opened with. A child of before has no account:
-- nothing was carved for it, and its calls stay refused.
insert into writ.account (task_id, delegation_id, entry, unit, tool, argument, granted)
select d.task_id, d.id, b.n, b.entry ->> 'unit', b.entry ->> 'tool', b.entry ->> 'argument',
       (b.entry ->> 'limit')::numeric
  from writ.delegation d
  join writ.body y on y.task_id = d.task_id and y.digest = d.digest
 cross join lateral jsonb_array_elements(y.terms -> 'budget') with ordinality as b (entry, n)
 where d.parent_id is null and d.expires_at > now();
insert into writ.account (task_id, delegation_id, entry, unit, granted)
select d.task_id, d.id, 0, 'calls', 1000
  from writ.delegation d
  join writ.body y on y.task_id = d.task_id and y.digest = d.digest
 where d.parent_id is null and d.expires_at > now()
   and not exists (
        select from jsonb_array_elements(y.terms -> 'budget') as b (entry)
         where b.entry - 'limit' - 'per_call' = '{"unit": "calls"}');

create view audit.accounts as
    select a.task_id, a.delegation_id, a.entry, a.unit, a.tool, a.argument, a.granted, a.carved,
           a.reserved, a.spent, a.withheld, a.remaining, a.overspent,
           a.from_id as carved_from, a.frozen_at, a.closed_at
      from writ.account a;
comment on view audit.accounts is
    'Each budget account: granted = carved + reserved + spent + withheld + remaining.';
comment on column audit.accounts.delegation_id is 'Whose it is: calls of this link and below fall on it.';
comment on column audit.accounts.withheld is
    'The rest of an account that was frozen, or what a closed one gave back to the one above.';
comment on column audit.accounts.overspent is 'Reported beyond what was reserved; it froze the account.';

create view audit.reservations as
    select r.task_id, r.decision_id, r.delegation_id, r.entry, r.amount,
           o.unit as reported_unit, o.amount as reported, o.at as reported_at
      from writ.reservation r
      left join writ.decision_outcome o
        on o.task_id = r.task_id and o.decision_id = r.decision_id;
comment on view audit.reservations is 'What each permit set aside, and what its call was reported to have used.';

grant select, insert on writ.account, writ.reservation to writ_service;
grant update (carved, reserved, spent, withheld, overspent, frozen_at, closed_at) on writ.account
    to writ_service;
grant execute on function writ.settle(uuid) to writ_service;
grant select on audit.accounts, audit.reservations to writ_auditor;
