-- Where authority ended behind number $1 of the feed and leaves accounts open, oldest first, at most
-- $2; beside it the head: every number up to it is seen here. A key that is revoked lets leases
-- lapse, and those lapsed_accounts finds.
select f.head, n.task_id, n.feed_no
  from writ.feed f
  left join lateral (
        select e.task_id, e.feed_no
          from (select t.task_id, t.feed_no from writ.task_end t where t.feed_no > $1::bigint
                union all
                select r.task_id, r.feed_no from writ.revocation r where r.feed_no > $1::bigint) as e
         where exists (select from writ.account a
                        where a.task_id = e.task_id and a.closed_at is null)
         order by e.feed_no
         limit $2::bigint) as n on true
