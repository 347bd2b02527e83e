-- One approval, with what each of its rules has so far. $1 task  $2 approval
select a.task_id, a.id, a.requested_at, a.expires_at, a.delegation_id, a.decision_id, a.client_id,
       a.audience, a.tool, a.arguments, a.bound, a.digest,
       writ.approval_state(a.task_id, a.id) as state,
       (select jsonb_agg(r.rule || jsonb_build_object(
                             'there', to_jsonb(writ.approvers_of(a.task_id, a.id, r.rule)))
                         order by r.n)
          from jsonb_array_elements(a.rules) with ordinality as r (rule, n)) as rules,
       to_jsonb(case when a.declassification_id is null then a.owners
                     else a.owners || array(select o from unnest(writ.owners_in($1::uuid)) as o
                                             where o <> all (a.owners)) end) as owners,
       (select coalesce(jsonb_agg(jsonb_build_object('approver', v.approver,
                                                     'decision', v.decision, 'at', v.at)
                                  order by v.at), '[]')
          from writ.approval_vote v
         where v.task_id = $1::uuid and v.approval_id = a.id) as votes,
       (select u.decision_id from writ.approval_use u
         where u.task_id = $1::uuid and u.approval_id = a.id) as used_by,
       case when a.declassification_id is not null then 'declassify' end as act
  from writ.approval a
 where a.task_id = $1::uuid and a.id = $2::uuid
