-- The accounts that calls of a delegation fall on: of each unit, tool and argument the nearest, its
-- own or one above. $1 task  $2 delegation
with recursive line as (
    select d.id, d.parent_id, d.depth
      from writ.delegation d
     where d.task_id = $1::uuid and d.id = $2::uuid
    union all
    select d.id, d.parent_id, d.depth
      from line l
      join writ.delegation d on d.task_id = $1::uuid and d.id = l.parent_id
)
select distinct on (a.unit, a.tool, a.argument)
       a.delegation_id, a.unit, a.tool, a.argument, trim_scale(a.granted)::text,
       trim_scale(a.carved)::text, trim_scale(a.reserved)::text, trim_scale(a.spent)::text,
       trim_scale(a.withheld)::text, trim_scale(a.remaining)::text, trim_scale(a.overspent)::text,
       a.frozen_at, a.closed_at
  from line l
  join writ.account a on a.task_id = $1::uuid and a.delegation_id = l.id
 order by a.unit, a.tool, a.argument, l.depth desc
