-- What followed since number $1, the head, the epoch and the own beat ($2) as seen here, whether all
-- of this is behind the mark ($3 epoch, $4 head), and until when there are partitions to record in.
-- At most $5 of what followed: a long feed is read in pages.
select f.head, (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1),
       (select b.number from writ.beat b where b.replica = $2::uuid),
       writ.is_behind($3::uuid, $4::bigint),
       (select writ.partitions_until(statement_timestamp())),
       n.feed_no, n.kind, n.task_id, n.delegation_id, n.thumbprint
  from writ.feed f
  left join lateral (select e.* from writ.feed_entry e
                      where e.feed_no > $1::bigint
                      order by e.feed_no
                      limit $5::bigint) as n on true
 order by n.feed_no
