-- How the label of a task rose and fell, or had by $2 (null: now); the last row is the label. Task $1.
select l.at, l.cause, l.decision_id, l.from_task, l.label, c.tool, c.agent, l.approval_id,
       l.by_client
  from writ.task_label l
  left join writ.decision c on c.task_id = $1::uuid and c.id = l.decision_id
 where l.task_id = $1::uuid and l.at <= coalesce($2::timestamptz, statement_timestamp())
 order by l.number
