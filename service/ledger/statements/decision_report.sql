-- What a call did, reported once; releases what its permit set aside, or says that it was more.
-- Whether it was taken (not where there is a report already, or where the record is sealed: the
-- task, or a link of the line, ended longer ago than the grace), and whether it overspent. A report
-- behind the end finds the accounts closed: the reserve is spent.
-- $1 task  $2 decision  $3 client  $4 success  $5 label  $6 unit  $7 amount  $8 reference
-- $9 grace seconds
with recursive line as (
    select d.id, d.parent_id
      from writ.decision c
      join writ.delegation d on d.task_id = $1::uuid and d.id = c.delegation_id
     where c.task_id = $1::uuid and c.id = $2::uuid
    union all
    select d.id, d.parent_id
      from line l
      join writ.delegation d on d.task_id = $1::uuid and d.id = l.parent_id
), reported as (
    insert into writ.decision_outcome (task_id, decision_id, by_client, success, label, unit,
                                       amount, reference)
    select $1::uuid, $2::uuid, $3::text, $4::boolean, $5::jsonb, $6::text, $7::text, $8::text
      from writ.task t
     where t.task_id = $1::uuid
       and t.deadline > statement_timestamp() - make_interval(secs => $9::integer)
       and not exists (select from writ.task_end e
                        where e.task_id = $1::uuid
                          and e.at <= statement_timestamp() - make_interval(secs => $9::integer))
       and not exists (select from writ.revocation r
                        where r.task_id = $1::uuid and r.delegation_id in (select l.id from line l)
                          and r.at <= statement_timestamp() - make_interval(secs => $9::integer))
    on conflict (task_id, decision_id) do nothing
    returning decision_id
), held as materialized (
    -- What is not reported was used as it was reserved; so was all, where an amount without its unit
    -- could be of several.
    select r.delegation_id, r.entry, r.amount,
           case when $7::text is not null
                 and (a.unit = $6::text
                      or $6::text is null
                     and (select count(distinct b.unit)
                            from writ.reservation q
                            join writ.account b
                              on b.task_id = $1::uuid and b.delegation_id = q.delegation_id
                             and b.entry = q.entry
                           where q.task_id = $1::uuid and q.decision_id = $2::uuid) = 1)
                then $7::text::numeric else r.amount end as used
      from reported o
      join writ.reservation r on r.task_id = $1::uuid and r.decision_id = o.decision_id
      join writ.account a on a.task_id = $1::uuid and a.delegation_id = r.delegation_id
                         and a.entry = r.entry
     order by a.delegation_id, a.entry
       for no key update of a
), released as (
    update writ.account a
       set reserved = a.reserved - case when a.closed_at is null then h.amount else 0 end,
           spent = a.spent + case when a.closed_at is null then least(h.used, h.amount) else 0 end,
           overspent = a.overspent + greatest(h.used - h.amount, 0),
           frozen_at = case when h.used > h.amount
                            then coalesce(a.frozen_at, statement_timestamp())
                            else a.frozen_at end,
           withheld = a.withheld
                    + case when a.closed_at is not null then 0
                           when h.used > h.amount then a.remaining
                           when a.frozen_at is not null then h.amount - h.used
                           else 0 end
      from held h
     where a.task_id = $1::uuid and a.delegation_id = h.delegation_id and a.entry = h.entry
)
select (select count(*) from reported) > 0 as reported,
       (select count(*) from held h where h.used > h.amount) > 0 as overspent
