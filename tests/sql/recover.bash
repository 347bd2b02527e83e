# shellcheck shell=bash
# The mark and the new epoch of `writd recover`; read by ./run.
# shellcheck disable=SC2154 # session.bash sets the rows

current="(select epoch from writ.epoch order by opened_at desc, epoch limit 1)"
head='(select head from writ.feed)'
unknown=01900000-0000-7000-8000-0000000000ff

# Three tasks: one open, one past its deadline, one ended.
three_tasks() {
    cat <<SQL
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at) values
    ('$task', 'ann', 'open', '{}', now() + interval '1 hour', 'issuer', now() - interval '1 hour'),
    ('$other_task', 'ann', 'over', '{}', now() - interval '1 minute', 'issuer', now() - interval '1 hour'),
    ('$root_id', 'ann', 'ended', '{}', now() + interval '1 hour', 'issuer', now() - interval '1 hour');
update writ.feed set head = head + 1;
insert into writ.task_end (task_id, state, feed_no, by_client)
    select '$root_id', 'completed', head, 'c' from writ.feed;
SQL
}

beyond() { # NAME WANTED EPOCH HEAD
    says "$1" "$2" < <(as writ_service; echo "select writ.is_beyond($3, $4)::text")
}
beyond no_mark_is_reached false null null
beyond a_mark_at_the_head_is_reached false "$current" "$head"
beyond a_mark_above_the_head_is_not true "$current" "$head + 1"
beyond a_mark_without_a_head_is_not true "$current" null
beyond a_mark_of_an_unknown_epoch_is_not true "'$unknown'" 0
says a_service_is_told_of_anothers_mark 'false true' < <(
    as writ_service
    echo "select writ.is_behind($current, $head)::text;
          insert into writ.mark (epoch, head) select $current, $head + 1;
          select writ.is_behind($current, $head)::text")

says an_older_epoch_is_settled_whatever_its_head 'false false false' < <(
    echo "insert into writ.mark (epoch, head) select $current, $head + 50;
          create temporary table old as select $current as epoch, $head + 99 as head;
          create temporary table fresh as select * from writ.open_epoch('$unknown');
          select writ.is_beyond(old.epoch, old.head)::text from old;
          select writ.is_beyond('$unknown', 7)::text;
          select writ.is_behind(fresh.epoch, fresh.head)::text from fresh")
says another_services_lost_epoch_is_settled_too 'true false' < <(
    echo "insert into writ.mark (epoch, head) values ('$unknown', 3);
          select writ.is_behind(null, null)::text;
          select from writ.open_epoch(null);
          select writ.is_behind(null, null)::text")
says the_new_epoch_is_the_newest_even_where_the_clock_went_back true < <(
    echo "update writ.epoch set opened_at = '2100-01-01';
          create temporary table fresh as select * from writ.open_epoch('$unknown');
          select (epoch = $current)::text from fresh")
says open_tasks_are_ended_and_no_others "cancelled,writd recover completed,c 1 t" < <(
    three_tasks
    echo "create temporary table before as select head from writ.feed;
          create temporary table fresh as select * from writ.open_epoch(null);
          select e.state || ',' || e.by_client from writ.task_end e
           where e.task_id in ('$task', '$other_task', '$root_id') order by e.state;
          select ended - (select count(*) from writ.task_end
                           where by_client = 'writd recover' and task_id <> '$task') from fresh;
          select f.head = b.head + f.ended and f.head = (select head from writ.feed)
                 and (select max(feed_no) from writ.task_end) = f.head
            from fresh f, before b")
says proofs_of_this_second_are_expired 'false true' < <(
    echo "select (since > clock_timestamp())::text from writ.proof_floor;
          select from writ.open_epoch(null);
          select (since > clock_timestamp() and since <= clock_timestamp() + interval '1 second'
                  and bucket >= floor(extract(epoch from now()) / 3600))::text from writ.proof_floor")
says the_floor_never_sinks true < <(
    echo "update writ.proof_floor set since = '2100-01-01', bucket = 1000000;
          select from writ.open_epoch(null);
          select (since = '2100-01-01' and bucket = 1000000)::text from writ.proof_floor")
for statement in 'select writ.open_epoch(null)' 'update writ.mark set head = 0' \
    'delete from writ.mark' "update writ.proof_floor set since = '-infinity'" \
    'update writ.epoch set opened_at = now()'; do
    refused "service_cannot: $statement" 42501 < <(as writ_service; echo "$statement")
done
refused auditor_cannot_open_an_epoch 42501 < <(as writ_auditor; echo 'select writ.open_epoch(null)')
