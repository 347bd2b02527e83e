-- The children of a node, counted up to a cap.
select count(*)
  from (select from writ.delegation d
         where d.task_id = $1::uuid and d.parent_id = $3::uuid limit $2::bigint) n
