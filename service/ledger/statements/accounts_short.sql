-- The first of the accounts to be opened in task $1 that what it is carved from has too little left
-- for: which of them (from 1), and what is left. Asked before an admission, which is held to it by
-- the CHECK. $2 delegations that they are carved from  $3 entries there  $4 amounts
select i.n, trim_scale(a.remaining)::text
  from unnest($2::uuid[], $3::bigint[], $4::text[])
       with ordinality as i (delegation_id, entry, amount, n)
  join writ.account a
    on a.task_id = $1::uuid and a.delegation_id = i.delegation_id and a.entry = i.entry
 where a.remaining < i.amount::numeric
 order by i.n
 limit 1
