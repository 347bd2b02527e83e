-- The task of an approval. $1 approval
select task_id from writ.approval where id = $1::uuid
