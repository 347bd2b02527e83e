-- Who has said yes to this very call so far, as rules name people: by name and by group, each once;
-- and whether it waits for more of them. Of an approval that may still be spent, or was by this same
-- request, and of votes that count now: no row for any other.
-- $1 task  $2 approval  $3 delegation  $4 audience  $5 tool  $6 arguments  $7 client
-- $8 idempotency key or null
select (select coalesce(jsonb_agg(distinct n.name), '[]')
          from jsonb_array_elements(a.rules) as r (rule)
         cross join unnest(writ.approvers_of(a.task_id, a.id, r.rule)) as v (person)
          join writ.approver p on p.name = v.person
         cross join unnest(p.groups || p.name) as n (name)) as given,
       s.state = 'pending' as waits
  from writ.approval a
 cross join lateral (select writ.approval_state(a.task_id, a.id) as state offset 0) as s
 where a.task_id = $1::uuid and a.id = $2::uuid and a.delegation_id = $3::uuid
   and a.audience = $4::text and a.tool = $5::text and a.arguments = $6::bytea
   and (s.state in ('pending', 'approved')
        or exists (select from writ.approval_use u
                     join writ.decision d on d.task_id = $1::uuid and d.id = u.decision_id
                    where u.task_id = $1::uuid and u.approval_id = $2::uuid
                      and d.client_id = $7::text and d.idempotency_key = $8::text))
