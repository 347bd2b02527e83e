-- The accounts that the rows behind it debit or carve from, in the one order of locks; its own
-- statement, so that those see what was committed before it was granted.
-- $1 tasks  $2 delegations  $3 entries
select a.entry
  from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as k (task_id, delegation_id, entry)
  join writ.account a
    on a.task_id = k.task_id and a.delegation_id = k.delegation_id and a.entry = k.entry
 order by a.task_id, a.delegation_id, a.entry
   for no key update of a
