-- What an auditor reads in psql. Views only, owned by writ_owner; an auditor needs no right on the
-- tables. No secret, sealed key, handle, sealed answer or token is in them. They hide columns and
-- no rows, so there is nothing for a security_barrier to protect, and `where task_id = ...` reaches
-- the index. Expressions use pg_catalog only: functions run with the reader's rights.

set local role writ_owner;

create view audit.tasks as
    select t.task_id,
           case
               when e.state is not null then e.state
               when t.deadline <= now() then 'expired'
               else 'open'
           end as state,
           t.principal, t.purpose, t.evidence, t.opened_by, t.opened_at, t.deadline,
           e.at as ended_at, e.by_client as ended_by,
           (select count(*) from writ.delegation d where d.task_id = t.task_id) as delegations
      from writ.task t
      left join writ.task_end e on e.task_id = t.task_id;
comment on view audit.tasks is 'Each task, on whose behalf and why, and whether it still runs.';
comment on column audit.tasks.state is
    'open, completed, cancelled or expired; past its deadline a task is expired whether or not an end was recorded.';
comment on column audit.tasks.evidence is 'What the opener showed for the principal.';

create view audit.delegations as
    select d.task_id, d.id, d.parent_id, d.depth, d.agent, d.holder, d.attributed,
           case
               when r.kind is not null then r.kind
               when h.thumbprint is not null then 'revoked'
               when coalesce(t.ended, true) or d.expires_at <= now() then 'expired'
               when l.expires_at is null or l.expires_at <= now() then 'lapsed'
               when up.dead then 'dead_by_ancestor'
               else 'live'
           end as state,
           d.authority, d.terms, d.audience, d.max_depth, d.issued_at, d.expires_at,
           l.expires_at as lease_until,
           d.admitted_at, d.admitted_by,
           coalesce(r.at, h.at) as ended_at,
           coalesce(r.by_client, h.by_client) as ended_by,
           coalesce(r.reason, h.reason) as reason,
           encode(d.token_hash, 'hex') as token_hash
      from writ.delegation d
      left join writ.revocation r on r.task_id = d.task_id and r.delegation_id = d.id
      left join writ.holder_revocation h on h.thumbprint = d.holder
      left join writ.lease l on l.task_id = d.task_id and l.delegation_id = d.id
      left join lateral (
          select t.deadline <= now()
                 or exists (select from writ.task_end e where e.task_id = t.task_id) as ended
            from writ.task t where t.task_id = d.task_id) t on true
      cross join lateral (
          with recursive line as (
              select a.id, a.parent_id, a.holder
                from writ.delegation a
               where a.task_id = d.task_id and a.id = d.parent_id
              union all
              select a.id, a.parent_id, a.holder
                from line
                join writ.delegation a on a.task_id = d.task_id and a.id = line.parent_id)
          select coalesce(bool_or(
                     ar.delegation_id is not null or ah.thumbprint is not null
                     or al.expires_at is null or al.expires_at <= now()), false) as dead
            from line
            left join writ.revocation ar on ar.task_id = d.task_id and ar.delegation_id = line.id
            left join writ.holder_revocation ah on ah.thumbprint = line.holder
            left join writ.lease al on al.task_id = d.task_id and al.delegation_id = line.id) up;
comment on view audit.delegations is
    'Each recorded link, what it authorizes, and whether it is alive now. Best read with a task_id.';
comment on column audit.delegations.state is
    'live; revoked or completed (itself, or its key); expired (its exp, or its task is over); lapsed (its lease); dead_by_ancestor.';
comment on column audit.delegations.authority is 'The tools of the token as signed; a child''s is never wider.';
comment on column audit.delegations.terms is 'Effective terms: the fold over every link from the root.';
comment on column audit.delegations.attributed is
    'False: first seen at use, signed by its parent''s holder, but by no enrolled agent.';

create view audit.decisions as
    select c.task_id, c.id, c.at, c.verdict, c.outcome, c.hop, c.field, c.detail,
           c.delegation_id, c.agent, c.holder, c.audience, c.tool,
           c.arguments, encode(c.arguments_sha256, 'hex') as arguments_sha256,
           c.client_id as asked_by, c.proof_jti, c.start_by, c.recorded,
           o.success, o.unit, o.amount, o.label as reported_label, o.reference, o.at as reported_at
      from writ.decision c
      left join writ.decision_outcome o on o.task_id = c.task_id and o.decision_id = c.id;
comment on view audit.decisions is 'Each answer, why, and what the call was reported to have done.';
comment on column audit.decisions.arguments is
    'The canonical bytes that were judged; read them with convert_from(arguments, ''UTF8''). They are what a model wrote: do not trust a terminal with them.';
comment on column audit.decisions.asked_by is 'The enforcement point that stood before the tool.';

create view audit.revocations as
    select feed_no, kind, task_id, delegation_id, null::text as holder, at, by_client, reason
      from writ.revocation
    union all
    select feed_no, 'task_' || state, task_id, null, null, at, by_client, ''
      from writ.task_end
    union all
    select feed_no, 'holder_revoked', null, null, thumbprint, at, by_client, reason
      from writ.holder_revocation;
comment on view audit.revocations is
    'Everything that ended authority: nodes, tasks and keys, by the number in which it was committed.';

create view audit.registry_changes as
    select at, client_id as changed_by, kind, key, before, after, id
      from writ.registry_change;
comment on view audit.registry_changes is 'Every administrative change with its author.';

create view audit.refusals as
    select minute, client_id, outcome, count from writ.refusal_count;
comment on view audit.refusals is
    'Refusals before possession was proved, counted by caller, outcome and minute.';

create view audit.who_can as
    select d.task_id, d.id as delegation_id, d.agent, d.holder, d.depth, tool.name as tool,
           tool.constraints,
           d.state = 'live'
           and not exists (
               select from jsonb_array_elements(d.terms -> 'barred') as bar
                where bar ->> 'tool' = tool.name
                  and (bar ->> 'agent' = d.agent or bar ->> 'key' = d.holder)) as may_call,
           d.state = 'live' and d.depth < d.max_depth
           and not d.terms -> 'call_only' ? tool.name as may_pass_on,
           d.state, d.expires_at
      from audit.delegations d
     cross join lateral jsonb_each(d.authority) as tool (name, constraints);
comment on view audit.who_can is
    'Each tool of each delegation, with its constraints: who can do what, now and before.';
comment on column audit.who_can.may_call is
    'Live and not barred (pass_only). The registry, labels, approvals and budgets still judge each call.';
