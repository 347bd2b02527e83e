-- Closes what is open of this delegation; answers how many.
-- $1 task  $2 delegation  $3 client  $4 reason
with closed as (
    update writ.circuit
       set closed_at = greatest(statement_timestamp(), opened_at), closed_by = $3::text,
           reason = $4::text
     where task_id = $1::uuid and delegation_id = $2::uuid and closed_at is null
       and until > statement_timestamp()
    returning 1
)
select count(*) from closed
