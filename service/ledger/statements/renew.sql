-- Renews the leases of a line, unless a link of it has lapsed already: that is final.
with line as (
    select l.delegation_id, l.expires_at from writ.lease l
     where l.task_id = $1::uuid and l.delegation_id = any($2::uuid[])
     order by l.delegation_id
       for update
), renewed as (
    update writ.lease l
       set expires_at = statement_timestamp() + make_interval(secs => $3::integer)
     where l.task_id = $1::uuid and l.delegation_id = any($2::uuid[])
       and (select count(*) from line where expires_at > statement_timestamp())
           = cardinality($2::uuid[])
    returning l.expires_at
)
select max(expires_at) from renewed
