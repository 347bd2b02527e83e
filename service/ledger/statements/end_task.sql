-- Ends a task, and so every token of it; under the task's own lock. A second time answers the first.
with earlier as (
    select e.feed_no from writ.task_end e where e.task_id = $1::uuid
), next as (
    update writ.feed set head = head + 1 where not exists (select from earlier) returning head
), made as (
    insert into writ.task_end (task_id, state, feed_no, by_client)
    select $1::uuid, $2::text, head, $3::text from next
    returning feed_no
)
select coalesce((select feed_no from earlier), (select feed_no from made)) as feed_no,
       (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1) as epoch
