-- What the roots that client $1 opened today were granted in unit $2, as a decimal; and whether
-- that and the limits $3 more stay within $4.
select coalesce(sum(a.granted), 0)
       + (select sum(l::numeric) from unnest($3::text[]) l) <= $4::text::numeric as within
  from writ.task t
  join writ.delegation d on d.task_id = t.task_id and d.parent_id is null
  join writ.account a on a.task_id = t.task_id and a.delegation_id = d.id
 where t.opened_by = $1::text
   and t.opened_at >= date_trunc('day', statement_timestamp() at time zone 'UTC') at time zone 'UTC'
   and a.unit = $2::text
