-- A chain, root first, by the hash of its leaf ($2) or by the leaf's id ($3); task $1. Its leases are
-- asked for one by one: a join may read all those of the task. How long the line lives, by this
-- clock: what memory answers alone rests on that.
with recursive line as (
    select d.* from writ.delegation d
     where d.task_id = $1::uuid
       and d.id = coalesce($3::uuid, (select h.id from writ.delegation h
                                       where h.task_id = $1::uuid and h.token_hash = $2::bytea))
    union all
    select d.* from line l
      join writ.delegation d on d.task_id = $1::uuid and d.id = l.parent_id
)
select l.id, l.token, b.terms, h.custody, l.handle_sha256, t.principal, t.purpose,
       t.opened_by, t.deadline,
       (extract(epoch from least(
                min(coalesce((select s.expires_at from writ.lease s
                               where s.task_id = $1::uuid and s.delegation_id = l.id),
                             statement_timestamp())) over (),
                min(l.expires_at) over (), t.deadline)
            - statement_timestamp()) * 1000000)::bigint as lease_us,
       l.attributed, l.admitted_at,
       (select t.label from writ.task_label t
         where t.task_id = $1::uuid order by t.number desc limit 1) as label,
       not exists (select from writ.declassification c where c.task_id = $1::uuid) as settled,
       array(select a.entry::bigint from writ.account a
              where a.task_id = $1::uuid and a.delegation_id = l.id order by a.entry) as accounts
  from line l
  join writ.body b on b.task_id = $1::uuid and b.digest = l.digest
  join writ.task t on t.task_id = $1::uuid
  left join writ.holder h on h.thumbprint = l.holder
 order by l.depth
