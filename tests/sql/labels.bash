# shellcheck shell=bash
# W5: what the database refuses of a label, whatever the service does; read by ./run.
# shellcheck disable=SC2154 # session.bash sets the task

public='{"confidentiality": "public", "integrity": "trusted", "categories": []}'
internal='{"confidentiality": "internal", "integrity": "trusted", "categories": []}'
poisoned='{"confidentiality": "internal", "integrity": "untrusted", "categories": []}'
secret='{"confidentiality": "confidential", "integrity": "trusted", "categories": ["pii"]}'
joined='{"confidentiality": "confidential", "integrity": "untrusted", "categories": ["pii"]}'
wish=01900000-0000-7000-8000-0000000000d1

# rise NUMBER CAUSE ADDS LABEL [PREVIOUS]: a row of the task; the number before it is one less.
rise() {
    local before=null
    if [[ -n ${5:-} ]]; then before="'$5'"; fi
    printf "insert into writ.task_label (task_id, number, cause, decision_id, adds, label,
                previous_number, previous_label)
            values ('%s', %s, '%s', '%s', '%s', '%s', %s, %s);\n" \
        "$task" "$1" "$2" "$spare_id" "$3" "$4" \
        "$([[ $before == null ]] && echo null || echo $(($1 - 1)))" "$before"
}
# wished SINCE [NUMBER FROM [TO]]: somebody wants the label lowered, to internal.
wished() {
    echo "insert into writ.declassification (task_id, id, requested_at, requested_by, from_number,
                                            from_label, label, reason)
              values ('$task', '$wish', $1, 'ann', ${2:-1}, '${3:-$secret}', '${4:-$internal}',
                      'it was the wrong file');"
}
# granted [USE]: its approval, and that it was spent on it.
granted() {
    echo "insert into writ.approval (task_id, id, expires_at, delegation_id, client_id, arguments,
                                    bound, rules, owners, holders, declassification_id)
              values ('$task', '$approval', now() + interval '1 hour', '$root_id', 'admin', '{}',
                      'bound', '[{\"approvers\": [\"*\"], \"quorum\": 1}]', '{}', '{}', '$wish');"
    if [[ ${1:-spent} == spent ]]; then
        echo "insert into writ.approval_use (task_id, approval_id, declassification_id)
                  values ('$task', '$approval', '$wish');"
    fi
}
# lower NUMBER LABEL PREVIOUS SINCE APPROVAL
lower() {
    printf "insert into writ.task_label (task_id, number, cause, adds, label, previous_number,
                previous_label, declassification_id, requested_at, approval_id, feed_no, by_client)
            values ('%s', %s, 'declassified', '%s', '%s', %s, '%s', '%s', %s, %s, 1, 'admin');\n" \
        "$task" "$1" "$2" "$2" $(($1 - 1)) "$3" "$wish" "$4" "$5"
}
labelled() {
    living
    as writ_service
}
label_says() {
    as writ_auditor
    echo "select label = '$1' from audit.tasks where task_id = '$task'"
}

says a_task_begins_public_and_trusted t < <(labelled; label_says "$public")
says a_label_is_the_join_of_what_was_read t < <(
    labelled
    rise 1 read "$poisoned" "$poisoned"
    rise 2 outcome "$secret" "$joined" "$poisoned"
    label_says "$joined")
refused a_label_says_all_that_was_added '23514 only_rises' < <(labelled; rise 1 read "$secret" "$internal")
refused a_label_says_no_more_than_was_added '23514 only_rises' < <(
    labelled; rise 1 read "$internal" "$secret")
refused a_label_does_not_fall_by_a_read '23514 only_rises' < <(
    labelled
    rise 1 read "$secret" "$secret"
    rise 2 read "$internal" "$internal" "$secret")
refused a_first_row_that_raises_nothing '23514 only_rises' < <(
    labelled; rise 1 read "$public" "$public")
# Of what people are asked to lower, a read of no more leaves its row (is_beyond_a_wish).
says a_read_of_what_is_there_already_may_leave_its_row t < <(
    labelled
    rise 1 read "$secret" "$secret"
    rise 2 read "$internal" "$secret" "$secret"
    label_says "$secret")
says a_wish_is_passed_by_more_than_it_asks_for_and_by_nothing_else 't f f f' < <(
    labelled
    rise 1 read "$secret" "$secret"
    wished 'now()'
    granted unspent
    cat <<SQL
select writ.is_beyond_a_wish('$task', 1, '$secret');
select writ.is_beyond_a_wish('$task', 1, '$internal');
select writ.is_beyond_a_wish('$task', 2, '$secret');
insert into writ.approval_use (task_id, approval_id, declassification_id)
    values ('$task', '$approval', '$wish');
select writ.is_beyond_a_wish('$task', 1, '$secret');
SQL
)
refused a_label_that_rises_from_another_than_it_was '23503 copy_is_of_the_row_before' < <(
    labelled
    rise 1 read "$secret" "$secret"
    rise 2 read "$poisoned" "$poisoned" "$internal")
refused a_label_that_begins_anew '23505 task_label_pkey' < <(
    labelled
    rise 1 read "$secret" "$secret"
    rise 1 read "$internal" "$internal")
refused a_label_that_skips_a_row '23514 one_follows_another' < <(
    labelled; rise 2 read "$secret" "$secret")
refused a_rise_that_no_decision_explains '23514 says_what_raised_it' < <(
    labelled
    echo "insert into writ.task_label (task_id, number, cause, adds, label)
              values ('$task', 1, 'read', '$secret', '$secret');")
refused the_service_changes_no_label 42501 < <(
    labelled
    rise 1 read "$secret" "$secret"
    echo "update writ.task_label set label = '$public', adds = '$public';")
refused the_service_forgets_no_label 42501 < <(
    labelled
    rise 1 read "$secret" "$secret"
    echo "delete from writ.task_label;")
ago="now() - interval '2 minutes'"
lowered() {
    labelled
    rise 1 read "$secret" "$secret"
}
says a_declassification_with_an_approval_lowers t < <(
    lowered
    wished "$ago"
    granted
    lower 2 "$internal" "$secret" "$ago" "'$approval'"
    label_says "$internal")
refused a_declassification_without_an_approval '23514 lowered_only_with_an_approval' < <(
    lowered
    wished "$ago"
    lower 2 "$internal" "$secret" "$ago" null)
refused a_declassification_with_an_approval_that_is_not_spent '23503 lowered_by_its_own_approval' < <(
    lowered
    wished "$ago"
    granted unspent
    lower 2 "$internal" "$secret" "$ago" "'$approval'")
refused a_declassification_with_an_approval_that_is_not_there '23503 lowered_by_its_own_approval' < <(
    lowered
    wished "$ago"
    lower 2 "$internal" "$secret" "$ago" gen_random_uuid\(\))
refused an_approval_of_a_call_is_spent_on_no_declassification '23503 used_for_what_was_approved' < <(
    asked
    as writ_service
    rise 1 read "$secret" "$secret"
    wished "$ago"
    echo "insert into writ.approval_use (task_id, approval_id, declassification_id)
              values ('$task', '$approval', '$wish');")
refused an_approval_is_spent_on_one_thing '23514 used_for_one_thing' < <(
    lowered
    wished "$ago"
    granted unspent
    echo "insert into writ.approval_use (task_id, approval_id, declassification_id, decision_id)
              values ('$task', '$approval', '$wish', '$spare_id');")
refused a_wish_is_approved_once '23505 wish_is_approved_once' < <(
    lowered
    wished "$ago"
    granted unspent
    granted unspent | sed "s/'$approval'/gen_random_uuid()/")
refused a_declassification_that_nobody_wished '23503 lowered_(to_what_was_wished|from_what_was_seen)' < <(
    lowered
    lower 2 "$internal" "$secret" "$ago" gen_random_uuid\(\))
refused a_declassification_below_what_was_wished '23503 lowered_to_what_was_wished' < <(
    lowered
    wished "$ago"
    granted
    lower 2 "$public" "$secret" "$ago" "'$approval'")
refused a_declassification_of_another_row_than_the_people_saw '23503 lowered_from_what_was_seen' < <(
    lowered
    wished "$ago"
    granted
    rise 2 read "$poisoned" "$joined" "$secret"
    lower 3 "$internal" "$joined" "$ago" "'$approval'")
refused a_declassification_that_replicas_have_not_heard_of \
    '23514 lowered_after_all_have_forgotten' < <(
    lowered
    wished 'now()'
    granted
    lower 2 "$internal" "$secret" 'now()' "'$approval'")
refused a_wish_for_what_is_no_lower '23514 asks_for_less' < <(
    lowered; wished "$ago" 1 "$secret" "$poisoned")
refused a_wish_for_what_is_the_same '23514 asks_for_less' < <(
    lowered; wished "$ago" 1 "$secret" "$secret")
refused a_wish_from_a_label_that_is_not_there '23503 lowers_what_is_there' < <(
    lowered; wished "$ago" 1 "$joined")
refused the_service_takes_no_wish_back 42501 < <(
    lowered
    wished "$ago"
    echo 'delete from writ.declassification;')
refused the_service_changes_no_wish 42501 < <(
    lowered
    wished "$ago"
    echo "update writ.declassification set requested_at = $ago;")
says what_is_lowered_is_told_to_followers 'declassified admin' < <(
    lowered
    wished "$ago"
    granted
    lower 2 "$internal" "$secret" "$ago" "'$approval'"
    echo "select kind || ' ' || by_client from writ.feed_entry where task_id = '$task';")
says a_denial_names_what_raised_the_label_since_it_was_lowered t < <(
    lowered
    wished "$ago" 1 "$secret" "$internal"
    granted
    lower 2 "$internal" "$secret" "$ago" "'$approval'"
    echo "select writ.label_excess('$task', '$internal', '$public')
                     like '%since declassification $wish;%/v1/tasks/$task/declassifications%';")
# Tom owns the agent of the child, and the child's key is kim's.
says people_with_a_part_in_the_task_have_no_word 'f t t' < <(
    lowered
    cat <<SQL
insert into writ.agent (name, role, owner) values ('helper-of-tom', 'executor', 'tom');
reset role;
update writ.delegation set agent = 'helper-of-tom' where id = '$child_id';
select writ.has_part_in('$task', 'ann', 'another key');
select writ.has_part_in('$task', 'tom', 'another key');
select writ.has_part_in('$task', 'ann', (select holder from writ.delegation where id = '$child_id'));
SQL
)
says labels_join_in_any_order t < <(
    echo "select bool_and(writ.label_join(a, b) = writ.label_join(b, a)
                          and writ.clearance_within(writ.label_join(a, b), a)
                          and writ.clearance_within(writ.label_join(a, b), b))
            from unnest(array['$public', '$internal', '$poisoned', '$secret', '$joined']::jsonb[]) a,
                 unnest(array['$public', '$internal', '$poisoned', '$secret', '$joined']::jsonb[]) b")
says what_is_no_label_joins_to_none t < <(
    echo "select bool_and(writ.label_join(a, '$secret') is null)
            from unnest(array[null, 'null', '{}', '[]', '{\"confidentiality\": \"secret\"}']::jsonb[]) a")
refused a_tool_with_a_destination_sends '23514 a_destination_sends' < <(
    as writ_service
    echo "insert into writ.tool (audience, name, effect, destination, sends, release, release_pinned,
                                approval)
              values ('a', 't', 'write', 'to', false, '$public', '$public', 0)")
refused a_tool_that_sends_is_not_buffered '23514 what_sends_is_not_buffered' < <(
    as writ_service
    echo "insert into writ.tool (audience, name, effect, sends, release, release_pinned, record,
                                approval)
              values ('a', 't', 'read', true, '$public', '$public', 'buffered', 0)")
refused a_tool_says_how_many_people_approve 23502 < <(
    as writ_service
    echo "insert into writ.tool (audience, name, effect, sends, release, release_pinned)
              values ('a', 't', 'irreversible', true, '$public', '$public')")
refused a_tool_asks_no_negative_number_of_people '23514 so_many_people_approve' < <(
    as writ_service
    echo "insert into writ.tool (audience, name, effect, sends, release, release_pinned, approval)
              values ('a', 't', 'irreversible', true, '$public', '$public', -1)")
