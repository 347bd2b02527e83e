-- Revokes a key, once; answers its number in the feed, the earlier one if it was revoked before.
-- The counter is taken last and held to commit. $1 thumbprint  $2 client  $3 reason
with earlier as (
    select k.feed_no from writ.holder_revocation k where k.thumbprint = $1::text
), next as (
    update writ.feed set head = head + 1 where not exists (select from earlier) returning head
), revoked as (
    insert into writ.holder_revocation (thumbprint, feed_no, by_client, reason)
    select $1::text, head, $2::text, $3::text from next
    returning feed_no
)
select coalesce((select feed_no from earlier), (select feed_no from revoked)) as feed_no,
       (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1) as epoch
