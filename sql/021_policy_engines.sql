-- What policy engines outside of the service said of a call, so that a decision names all who decided.

set local role writ_owner;

-- Null: none was asked.
alter table writ.decision add column policy_engines jsonb;
comment on column writ.decision.policy_engines is
    'One object for each engine that was asked: engine, answer (permitted, denied, failed), and what it gave of policies, version, bundles, obligations and its own decision_id; null: none was asked.';

create or replace view audit.decided_under as
    select c.task_id, c.id as decision_id, c.policy_version, c.policy_engines
      from writ.decision c;
comment on view audit.decided_under is
    'Which version of the policies each decision was made under, and what other engines said.';
