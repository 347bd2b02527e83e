-- The line from the root to a delegation, root first, with what its states follow from.
-- $1 task  $2 delegation  $3 as of (null: now)  $4 only the delegation itself
with recursive line as (
    select d.id, d.parent_id, d.depth, d.holder
      from writ.delegation d
     where d.task_id = $1::uuid and d.id = $2::uuid
       and d.admitted_at <= coalesce($3::timestamptz, statement_timestamp())
    union all
    select d.id, d.parent_id, d.depth, d.holder
      from line l
      join writ.delegation d on d.task_id = $1::uuid and d.id = l.parent_id
), leased as (
    -- Asked for one by one: a join may read all leases of the task, and a line is short.
    select l.*, (select s.expires_at from writ.lease s
                  where s.task_id = $1::uuid and s.delegation_id = l.id) as lease_expires_at
      from line l
), fate as (
    select l.id, l.depth, r.kind, k.thumbprint is not null as key_revoked, l.lease_expires_at,
           l.lease_expires_at is null
           or l.lease_expires_at <= coalesce($3::timestamptz, statement_timestamp()) as lapsed
      from leased l
      left join writ.revocation r
        on r.task_id = $1::uuid and r.delegation_id = l.id
       and r.at <= coalesce($3::timestamptz, statement_timestamp())
      left join writ.holder_revocation k
        on k.thumbprint = l.holder and k.at <= coalesce($3::timestamptz, statement_timestamp())
), fated as (
    -- Of those above: the first that was killed, and the first that lapsed.
    select f.*,
           (array_agg(f.id) filter (where f.kind is not null or f.key_revoked) over above)[1]
               as killed_by,
           (array_agg(f.id) filter (where f.lapsed) over above)[1] as lapsed_by
      from fate f
    window above as (order by f.depth rows between unbounded preceding and 1 preceding)
)
select d.id, d.parent_id, d.depth, d.max_depth, d.agent, d.holder, h.custody, d.attributed,
       b.authority, b.terms, d.issued_at, d.expires_at, f.lease_expires_at, d.admitted_at,
       d.admitted_by, d.token_hash,
       f.kind, f.key_revoked, f.killed_by,
       t.deadline <= coalesce($3::timestamptz, statement_timestamp())
       or exists (select from writ.task_end e
                   where e.task_id = $1::uuid
                     and e.at <= coalesce($3::timestamptz, statement_timestamp())) as task_closed,
       d.expires_at <= coalesce($3::timestamptz, statement_timestamp()) as expired,
       f.lapsed, f.lapsed_by
  from fated f
  join writ.delegation d on d.task_id = $1::uuid and d.id = f.id
  join writ.body b on b.task_id = $1::uuid and b.digest = d.digest
  join writ.task t on t.task_id = $1::uuid
  left join writ.holder h on h.thumbprint = d.holder
 where d.id = $2::uuid or not $4::boolean
 order by d.depth
