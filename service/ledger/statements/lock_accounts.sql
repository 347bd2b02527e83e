-- The accounts that the rows behind it debit or carve from, in the one order of locks; its own
-- statement, so that those see what was committed before it was granted.
-- $1 tasks  $2 delegations  $3 entries, in that order
select a.entry
  from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as k (task_id, delegation_id, entry)
  join lateral (
      select a.entry from writ.account a
       where a.task_id = k.task_id and a.delegation_id = k.delegation_id and a.entry = k.entry
      offset 0
         for no key update) a on true
