-- What hangs below a delegation, by id; or the whole task, by depth and id. The columns are those
-- of node_line.
-- $1 task  $2 delegation (null: the whole task)  $3 as of (null: now)  $4 after this id
-- $5 at most so many
with recursive line as (
    select d.id, d.parent_id, d.depth, d.holder
      from writ.delegation d
     where d.task_id = $1::uuid and d.id = $2::uuid
    union all
    select d.id, d.parent_id, d.depth, d.holder
      from line l
      join writ.delegation d on d.task_id = $1::uuid and d.id = l.parent_id
), above as (
    select l.id, l.depth,
           exists (select from writ.revocation r
                    where r.task_id = $1::uuid and r.delegation_id = l.id
                      and r.at <= coalesce($3::timestamptz, statement_timestamp()))
           or exists (select from writ.holder_revocation k
                       where k.thumbprint = l.holder
                         and k.at <= coalesce($3::timestamptz, statement_timestamp())) as killed,
           not exists (select from writ.lease s
                        where s.task_id = $1::uuid and s.delegation_id = l.id
                          and s.expires_at > coalesce($3::timestamptz, statement_timestamp()))
               as lapsed
      from line l
), walk as (
    -- Each node carries down who of those above it was killed first, and who lapsed first.
    select d.id, d.depth,
           (select a.id from above a where a.killed and a.id <> d.id order by a.depth limit 1)
               as killed_by,
           (select a.id from above a where a.lapsed and a.id <> d.id order by a.depth limit 1)
               as lapsed_by
      from writ.delegation d
     where d.task_id = $1::uuid
       and (d.id = $2::uuid or ($2::uuid is null and d.parent_id is null))
       and d.admitted_at <= coalesce($3::timestamptz, statement_timestamp())
    union all
    select d.id, d.depth,
           coalesce(w.killed_by, case when
               exists (select from writ.revocation r
                        where r.task_id = $1::uuid and r.delegation_id = d.parent_id
                          and r.at <= coalesce($3::timestamptz, statement_timestamp()))
               or exists (select from writ.holder_revocation k
                           where k.thumbprint = d.parent_holder
                             and k.at <= coalesce($3::timestamptz, statement_timestamp()))
               then d.parent_id end),
           coalesce(w.lapsed_by, case when
               not exists (select from writ.lease s
                            where s.task_id = $1::uuid and s.delegation_id = d.parent_id
                              and s.expires_at > coalesce($3::timestamptz, statement_timestamp()))
               then d.parent_id end)
      from walk w
      join writ.delegation d on d.task_id = $1::uuid and d.parent_id = w.id
     where d.admitted_at <= coalesce($3::timestamptz, statement_timestamp())
), page as (
    select w.*
      from walk w
     where $2::uuid is null or (w.id <> $2::uuid and w.id > $4::uuid)
     order by case when $2::uuid is null then w.depth end, w.id
     limit $5::bigint
)
select d.id, d.parent_id, d.depth, d.max_depth, d.agent, d.holder, h.custody, d.attributed,
       b.authority, b.terms, d.issued_at, d.expires_at, s.expires_at as lease_expires_at,
       d.admitted_at, d.admitted_by, d.token_hash,
       r.kind, k.thumbprint is not null as key_revoked, p.killed_by,
       t.deadline <= coalesce($3::timestamptz, statement_timestamp())
       or exists (select from writ.task_end e
                   where e.task_id = $1::uuid
                     and e.at <= coalesce($3::timestamptz, statement_timestamp())) as task_closed,
       d.expires_at <= coalesce($3::timestamptz, statement_timestamp()) as expired,
       s.expires_at is null
       or s.expires_at <= coalesce($3::timestamptz, statement_timestamp()) as lapsed,
       p.lapsed_by
  from page p
  join writ.delegation d on d.task_id = $1::uuid and d.id = p.id
  join writ.body b on b.task_id = $1::uuid and b.digest = d.digest
  join writ.task t on t.task_id = $1::uuid
  left join writ.holder h on h.thumbprint = d.holder
  left join writ.lease s on s.task_id = $1::uuid and s.delegation_id = d.id
  left join writ.revocation r
    on r.task_id = $1::uuid and r.delegation_id = d.id
   and r.at <= coalesce($3::timestamptz, statement_timestamp())
  left join writ.holder_revocation k
    on k.thumbprint = d.holder and k.at <= coalesce($3::timestamptz, statement_timestamp())
 order by case when $2::uuid is null then d.depth end, d.id
