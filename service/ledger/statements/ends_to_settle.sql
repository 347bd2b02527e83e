-- Tasks in which authority ended behind number $1 of the feed and leaves accounts open, by the
-- newest of those ends, at most $2; beside it the head: every number up to it is seen here. What
-- ends with a revoked key lapses, and lapsed_accounts finds that.
select f.head, n.task_id, n.feed_no
  from writ.feed f
  left join lateral (
        select e.task_id, max(e.feed_no) as feed_no
          from (select t.task_id, t.feed_no
                  from writ.task_end t
                 where t.feed_no > $1::bigint
                   and exists (select from writ.account a
                                where a.task_id = t.task_id and a.closed_at is null)
                union all
                select r.task_id, r.feed_no
                  from writ.revocation r
                 where r.feed_no > $1::bigint
                   and exists (select from writ.account a
                                where a.task_id = r.task_id and a.closed_at is null
                                  and a.from_id is not null)) as e
         group by e.task_id
         order by feed_no
         limit $2::bigint) as n on true
