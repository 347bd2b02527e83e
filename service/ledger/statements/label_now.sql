-- The label of a task now, and whether nobody ever asked to lower it. $1 task
select coalesce((select l.label from writ.task_label l
                  where l.task_id = $1::uuid
                  order by l.number desc limit 1), writ.label_bottom()) as label,
       not exists (select from writ.declassification c where c.task_id = $1::uuid) as settled
