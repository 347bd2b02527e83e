-- Renews the leases of a line, unless a link of it has lapsed already: that is final. All get
-- the same end at least, in one statement, so that is also how long their lines last.
with line as (
    select l.delegation_id, l.expires_at from writ.lease l
     where l.task_id = $1::uuid and l.delegation_id = any($2::uuid[])
     order by l.delegation_id
       for update
), renewed as (
    update writ.lease l
       set expires_at = greatest(l.expires_at, e.expires_at),
           line_until = greatest(l.line_until, e.expires_at)
      from (select statement_timestamp() + make_interval(secs => $3::integer)) as e (expires_at)
     where l.task_id = $1::uuid and l.delegation_id = any($2::uuid[])
       and (select count(*) from line where expires_at > statement_timestamp())
           = cardinality($2::uuid[])
    returning l.expires_at
)
select min(expires_at) from renewed
