-- Opens the circuit of whoever has five children whose circuits are open, opened since its own was
-- last closed. Idempotent; any replica does it.
-- $1 seconds that it stays open
insert into writ.circuit (task_id, delegation_id, opened_at, until, cause)
select d.task_id, d.parent_id, statement_timestamp(),
       statement_timestamp() + make_interval(secs => $1::integer), 'children'
  from writ.circuit c
  join writ.delegation d on d.task_id = c.task_id and d.id = c.delegation_id
 where c.until > statement_timestamp() and c.closed_at is null and d.parent_id is not null
   and not exists (
        select from writ.circuit p
         where p.task_id = d.task_id and p.delegation_id = d.parent_id
           and (p.closed_at >= c.opened_at
                or (p.closed_at is null and p.until > statement_timestamp())))
 group by d.task_id, d.parent_id
having count(distinct d.id) >= 5
on conflict do nothing
