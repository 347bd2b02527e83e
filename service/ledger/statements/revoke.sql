-- Kills one delegation, and so all below it; under the task's own lock. The counter row is taken
-- here, last, and held to commit (the feed is commit-ordered). A second time answers the first.
with earlier as (
    select r.feed_no from writ.revocation r
     where r.task_id = $1::uuid and r.delegation_id = $2::uuid
), next as (
    update writ.feed set head = head + 1 where not exists (select from earlier) returning head
), made as (
    insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client, reason)
    select $1::uuid, $2::uuid, $3::text, head, $4::text, $5::text from next
    returning feed_no
)
select coalesce((select feed_no from earlier), (select feed_no from made)) as feed_no,
       (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1) as epoch
