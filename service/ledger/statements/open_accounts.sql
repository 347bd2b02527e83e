-- The accounts of links that were recorded in the same transaction, carved out of those above them.
-- Of a link that was refused there is none. More than an account has left, or of one that is frozen
-- or closed, is a violation of its CHECK.
-- $1 tasks  $2 delegations  $3 entries  $4 units  $5 tools  $6 arguments  $7 amounts
-- $8 delegations that they are carved from, or null  $9 entries there, or null
with entry as materialized (
    select i.task_id, i.delegation_id, i.entry, i.unit, i.tool, i.argument,
           i.amount::numeric as amount, i.from_id, i.from_entry
      from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::uuid[], $9::bigint[])
        as i (task_id, delegation_id, entry, unit, tool, argument, amount, from_id, from_entry)
     where exists (select from writ.delegation d
                    where d.task_id = i.task_id and d.id = i.delegation_id)
), carved as (
    update writ.account a
       set carved = a.carved + s.amount
      from (select e.task_id, e.from_id, e.from_entry, sum(e.amount) as amount
              from entry e
             where e.from_id is not null
             group by e.task_id, e.from_id, e.from_entry) as s
     where a.task_id = s.task_id and a.delegation_id = s.from_id and a.entry = s.from_entry
)
insert into writ.account (task_id, delegation_id, entry, unit, tool, argument, granted, from_id,
                          from_entry)
select e.task_id, e.delegation_id, e.entry, e.unit, e.tool, e.argument, e.amount, e.from_id,
       e.from_entry
  from entry e
