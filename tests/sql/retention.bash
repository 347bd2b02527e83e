# shellcheck shell=bash
# What `writd maintain` does, and that nobody else may; the replay guard at the end of an hour; read
# by ./run.
# shellcheck disable=SC2154 # session.bash sets the names

# Decisions of so many days ago each, in partitions of their own.
decided() { # DAYS...
    local days
    for days in "$@"; do
        cat <<SQL
select from writ.ensure_decision_partitions(now() - interval '$days days', now() - interval '$days days');
insert into writ.decision (task_id, id, at, client_id, audience, tool, verdict, outcome)
    values ('$task', writ.uuidv7_floor(now() - interval '$days days'), now(), 'e', 'a', 't', 'deny', 'revoked');
SQL
    done
}
days_ago() { echo "to_char((now() - interval '$1 days') at time zone 'UTC', '$2')"; }

# ---- Decisions ---------------------------------------------------------------------------------

says the_oldest_day_is_kept_apart_with_all_its_rows '1 true 0' < <(
    decided 0 9 7
    cat <<SQL
create temporary table moved as select writ.keep_day('3 days') as day;
do \$\$ begin execute format('create temporary table there as select * from kept.%I',
    'decision_' || $(days_ago 9 YYYYMMDD)); end \$\$;
select count(*) from there;
select (day::text = $(days_ago 9 YYYY-MM-DD))::text from moved;
select count(*) from writ.decision where id < writ.uuidv7_floor(now() - interval '8 days');
SQL
)
says the_floor_is_the_end_of_the_day_that_went 'true true' < <(
    decided 0 9 7
    cat <<SQL
select from writ.keep_day('3 days');
select (id > writ.uuidv7_floor(now() - interval '9 days')
        and id <= writ.uuidv7_floor(now() - interval '8 days'))::text from writ.decision_floor;
update writ.decision_floor set id = writ.uuidv7_floor('2100-01-01');
select from writ.keep_day('3 days');
select (id = writ.uuidv7_floor('2100-01-01'))::text from writ.decision_floor;
SQL
)
says days_go_until_none_is_past '2 true' < <(
    decided 0 2 9 7
    cat <<SQL
create temporary table gone (day date);
do \$\$ declare d date; begin
    loop d := writ.keep_day('3 days'); exit when d is null; insert into gone values (d); end loop;
end \$\$;
select count(*) from gone
 where to_regclass('kept.decision_' || to_char(day, 'YYYYMMDD')) is not null
   and day::text in ($(days_ago 9 YYYY-MM-DD), $(days_ago 7 YYYY-MM-DD));
select (count(*) = 2)::text from writ.decision where task_id = '$task';
SQL
)
says a_clock_that_is_ahead_lets_nothing_more_go '1' < <(
    decided 9 20 # the newest decision is 9 days old: 20 - 8 days is more than 10, 9 - 8 is not
    echo "select count(*) from writ.past_days('writ.decision', '10 days') p
           where p.part::text <> '' and exists (select from writ.decision d where d.tableoid = p.part)")
says without_a_decision_nothing_is_old '0' <<'SQL'
select from writ.ensure_decision_partitions(now() - interval '20 days', now() - interval '20 days');
select count(*) from writ.past_days('writ.decision', '3 days')
SQL
for function in keep_day drop_proofs; do
    refused "${function}_keeps_a_day_at_least" 22023 < <(
        decided 0 9; echo "select writ.$function('23 hours')")
done
says no_answer_is_forgotten_within_a_day '0' <<'SQL'
select count(*) from writ.past_answers('23 hours')
SQL

# ---- Proofs ------------------------------------------------------------------------------------

permit_sql=$(<../../service/ledger/statements/permit.sql)

# As the writer sends it: one proof for a tool with effects, of a line without links.
permit() { # ID JTI IAT
    cat <<SQL
execute permit (array['$task']::uuid[], array[$1]::uuid[], array['$root_id']::uuid[], '{e}', '{a}',
    '{t}', array['{}'::bytea], array[sha256('{}')], array[sha256('r')], '{g}', '{h}', '{$2}',
    array[$3]::timestamptz[], array[sha256('leaf')], array[now()], '{t}', '{null}', array[now()],
    '{}', '{1}', '{}', '{}', 300, array[sha256('asked')], 30, '{0}', '{null}', '{null}',
    array[writ.label_bottom()], '{f}', array[null]::jsonb[], array[null]::jsonb[], array[null]::timestamptz[],
    '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', array[null]::jsonb[], array[null]::jsonb[],
    floor(extract(epoch from $3) / 3600)::bigint - 1, floor(extract(epoch from $3) / 3600)::bigint + 1);
SQL
}
# A task that lasts, and its root.
take_root
set_row 'expires_at=2099-01-01 00:00:00+00' 'task_deadline=2099-01-01 00:00:00+00'
open_task="insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
    values ('$task', 'ann', 'test', '{}', '2099-01-01 00:00:00+00', 'issuer', '$issued');
$(insert)"
now_id='writ.uuidv7_floor(clock_timestamp())'
hour="date_trunc('hour', now())"

# The statement's row is verdict|hop|field|detail|earlier_id|earlier_same|label|settled|remaining.
as_it_was='||{"integrity": "trusted", "categories": [], "confidentiality": "public"}|t|'
judged() {
    echo "prepare permit as $permit_sql;"
    as writ_service
    echo "$open_task"
    permit "$@"
    echo "reset role; deallocate permit;"
}
says a_proof_in_the_middle_of_an_hour_is_entered_once "||||$as_it_was 1" < <(
    judged "$now_id" j "$hour - interval '30 minutes'"
    echo "select count(*) from writ.proof_used where jti = 'j'")
says a_proof_near_the_end_of_an_hour_is_entered_in_both "||||$as_it_was 2" < <(
    judged "$now_id" j "$hour - interval '85 seconds'"
    echo "select count(*) from writ.proof_used where jti = 'j'")
says a_jti_of_the_hour_beyond_is_replayed "replayed||||$as_it_was" < <(
    echo "insert into writ.proof_used (task_id, leaf_hash, jti, bucket, iat, decision_id)
              select '$task', sha256('leaf'), 'j', floor(extract(epoch from t) / 3600)::bigint, t, '$root_id'
                from (select $hour - interval '1 minute') as x (t);"
    judged "$now_id" j "$hour + interval '20 minutes'")
says a_proof_below_the_floor_is_expired_though_its_partition_is_there "expired||||$as_it_was 0" < <(
    decided 0
    cat <<SQL
select from writ.ensure_proof_partitions(now() - interval '5 days', now() - interval '3 days');
do \$\$ begin while writ.drop_proofs('2 days') is not null loop end loop; end \$\$;
select from writ.ensure_proof_partitions(now() - interval '5 days', now() - interval '3 days');
SQL
    judged "$now_id" j "now() - interval '4 days'"
    echo "select count(*) from writ.proof_used where jti = 'j'")
says a_day_of_proofs_goes_behind_a_floor_that_never_sinks 'true true true' < <(
    decided 0
    cat <<SQL
select from writ.ensure_proof_partitions(now() - interval '9 days', now() - interval '9 days');
update writ.proof_floor set bucket = 0;
create temporary table gone as select writ.drop_proofs('2 days') as day;
select (bucket * 3600 = extract(epoch from (g.day + 1)::timestamp))::text from writ.proof_floor, gone g;
select (to_regclass('writ.proof_used_' || $(days_ago 9 YYYYMMDD)) is null)::text;
select from writ.ensure_proof_partitions(now() - interval '9 days', now() - interval '9 days');
update writ.proof_floor set bucket = 1000000;
select from writ.drop_proofs('2 days');
select (bucket = 1000000)::text from writ.proof_floor;
SQL
)

# Two sessions judge two proofs with one jti, from both sides of the hour's end, at one time. What is
# committed here is taken away again.
race() {
    local first second waiting='' i
    # Bash warns of a second coprocess, and does all the same what is asked.
    { coproc TWIN { stdbuf -oL psql -XAtq 2>&1; }; } 2>/dev/null
    # shellcheck disable=SC2153 # the coprocess sets it
    exec {to_twin}>&"${TWIN[1]}" {from_twin}<&"${TWIN[0]}"
    printf '%s\n' "set role writ_owner; $open_task reset role;" "prepare permit as $permit_sql;" 'begin;' \
        "$(permit "$now_id" twin "$hour - interval '1 second'")" '\echo @@judged' >&"$to_twin"
    IFS= read -r first <&"$from_twin"
    IFS= read -r _ <&"$from_twin"
    printf '%s\n' "prepare permit as $permit_sql;" 'begin;' '\echo @@begun' \
        "$(permit "$now_id" twin "$hour + interval '1 second'")" 'commit;' '\echo @@done' >&"$to_db"
    IFS= read -r _ <&"$from_db"
    # Until the other one waits for this one, or has not.
    for ((i = 0; i < 200; i++)); do
        if IFS= read -r -t 0.05 second <&"$from_db"; then break; fi
        waiting=$(psql -XAtqc "select count(*) from pg_stat_activity
            where wait_event_type = 'Lock' and query like 'execute permit%'")
        if [[ $waiting == 1 ]]; then break; fi
    done
    printf '%s\n' 'commit;' '\q' >&"$to_twin"
    if [[ -z $second ]]; then IFS= read -r second <&"$from_db"; fi
    IFS= read -r _ <&"$from_db"
    printf '%s\n' 'deallocate permit;' >&"$to_db"
    exec {to_twin}>&- {from_twin}<&-
    wait "$TWIN_PID"
    psql -Xq -c "delete from writ.proof_used where task_id = '$task'" \
        -c "delete from writ.decision where task_id = '$task'" \
        -c "delete from writ.delegation where task_id = '$task'" \
        -c "delete from writ.body where task_id = '$task'" \
        -c "delete from writ.task where task_id = '$task'"
    got="$first $second"
}
race
if [[ $got == "||||$as_it_was replayed||||$as_it_was" ]]; then
    ok of_two_proofs_with_one_jti_over_the_end_of_an_hour_one_passes
else
    fail of_two_proofs_with_one_jti_over_the_end_of_an_hour_one_passes "got $got"
fi

# ---- Answers, and beats --------------------------------------------------------------------------

answers() {
    decided 0
    cat <<SQL
$open_task
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
    values ('$other_task', 'ann', 'over', '{}', now() - interval '1 minute', 'issuer', now() - interval '1 day');
insert into writ.idempotency (client_id, key, route, body_sha256, task_id, created_at) values
    ('c', 'old', 'holders', sha256('b'), null, now() - interval '9 days'),
    ('c', 'over', 'validate', sha256('b'), '$other_task', now() - interval '8 days'),
    ('c', 'open', 'validate', sha256('b'), '$task', now() - interval '9 days'),
    ('c', 'young', 'holders', sha256('b'), null, now() - interval '6 days');
SQL
}
says answers_go_when_they_are_old_and_their_task_is_over '2 0 open young' < <(
    answers
    echo "select writ.forget_answers('7 days', 1000); select writ.forget_answers('7 days', 1000);
          select string_agg(key, ' ' order by key) from writ.idempotency where client_id = 'c'")
says answers_go_so_many_at_a_time '1 1 0' < <(
    answers
    for _ in 1 2 3; do echo "select writ.forget_answers('7 days', 1);"; done)
says only_beats_of_replicas_that_are_gone_go "1 $root_id" < <(
    echo "delete from writ.beat;
          insert into writ.beat (replica, number, at) values ('$root_id', 1, now()),
              ('$child_id', 1, now() - interval '25 hours');
          select writ.forget_beats(); select replica from writ.beat")

# ---- Partitions, and rights ----------------------------------------------------------------------

says partitions_end_where_the_first_is_missing 'true true true' <<'SQL'
set local timezone = 'UTC';
select (writ.partitions_until(now()) >= now() + interval '6 days')::text;
do $$ begin execute 'drop table writ.proof_used_' || to_char(now() + interval '3 days', 'YYYYMMDD'); end $$;
select (writ.partitions_until(now()) = date_trunc('day', now() + interval '3 days'))::text;
do $$ begin execute 'alter table writ.decision detach partition writ.decision_' || to_char(now(), 'YYYYMMDD'); end $$;
select (writ.partitions_until(now()) = date_trunc('day', now()))::text;
SQL
today="to_char(now() at time zone 'UTC', 'YYYYMMDD')"
for statement in "select writ.keep_day('9 days')" "select writ.drop_proofs('9 days')" \
    "select writ.forget_answers('9 days', 1)" 'select writ.forget_beats()' \
    "update writ.decision_floor set id = id" 'update writ.proof_floor set bucket = 0' \
    'create table kept.x ()' 'delete from writ.idempotency' 'delete from writ.beat'; do
    refused "service_cannot: $statement" 42501 < <(as writ_service; echo "$statement")
done
for verb in 'drop table writ.decision_%s' 'drop table writ.proof_used_%s' \
    'alter table writ.decision detach partition writ.decision_%s' \
    'alter table writ.decision_%s set schema kept'; do
    refused "service_cannot: $verb" 42501 < <(
        as writ_service; echo "do \$\$ begin execute format('$verb', $today); end \$\$")
done
for role in writ_service writ_auditor writ_log; do
    refused "${role}_cannot_read_what_is_kept" 42501 < <(
        decided 0 9
        echo "select from writ.keep_day('3 days');"
        as "$role"
        echo "do \$\$ begin execute format('select count(*) from kept.decision_%s', $(days_ago 9 YYYYMMDD)); end \$\$")
done
says what_is_kept_is_the_owners_alone '0 1' < <(
    decided 0 9
    cat <<'SQL'
select from writ.keep_day('3 days');
select count(*) from pg_class c, lateral aclexplode(c.relacl) a
 where c.relnamespace = 'kept'::regnamespace and a.grantee not in ('writ_owner'::regrole, 'writ_service'::regrole);
select count(*) from pg_class c
 where c.relnamespace = 'kept'::regnamespace and c.relkind = 'r' and c.relowner = 'writ_owner'::regrole
SQL
)
