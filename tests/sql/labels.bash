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
# wished SINCE: somebody wants the label lowered to internal.
wished() {
    echo "insert into writ.declassification (task_id, id, requested_at, requested_by, label, reason)
              values ('$task', '$wish', $1, 'ann', '$internal', 'it was the wrong file');"
}
# lower NUMBER LABEL PREVIOUS SINCE APPROVAL
lower() {
    printf "insert into writ.task_label (task_id, number, cause, adds, label, previous_number,
                previous_label, declassification_id, requested_at, approval_id)
            values ('%s', %s, 'declassified', '%s', '%s', %s, '%s', '%s', %s, %s);\n" \
        "$task" "$1" "$2" "$2" $(($1 - 1)) "$3" "$wish" "$4" "$5"
}
labelled() {
    as writ_service
    echo "insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by)
              values ('$task', 'ann', 'test', '{}', 'tomorrow', 'issuer');"
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
refused a_row_that_raises_nothing '23514 only_rises' < <(
    labelled
    rise 1 read "$secret" "$secret"
    rise 2 read "$internal" "$secret" "$secret")
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
refused the_service_lowers_no_label 42501 < <(labelled; wished 'now()')
refused the_service_changes_no_label 42501 < <(
    labelled
    rise 1 read "$secret" "$secret"
    echo "update writ.task_label set label = '$public', adds = '$public';")
refused the_service_forgets_no_label 42501 < <(
    labelled
    rise 1 read "$secret" "$secret"
    echo "delete from writ.task_label;")
lowered() {
    labelled
    rise 1 read "$secret" "$secret"
    as writ_owner
}
says a_declassification_with_an_approval_lowers t < <(
    lowered
    wished "now() - interval '2 minutes'"
    lower 2 "$internal" "$secret" "now() - interval '2 minutes'" gen_random_uuid\(\)
    label_says "$internal")
refused a_declassification_without_an_approval '23514 lowered_only_with_an_approval' < <(
    lowered
    wished "now() - interval '2 minutes'"
    lower 2 "$internal" "$secret" "now() - interval '2 minutes'" null)
refused a_declassification_that_nobody_wished '23503 lowered_to_what_was_wished' < <(
    lowered
    lower 2 "$internal" "$secret" "now() - interval '2 minutes'" gen_random_uuid\(\))
refused a_declassification_below_what_was_wished '23503 lowered_to_what_was_wished' < <(
    lowered
    wished "now() - interval '2 minutes'"
    lower 2 "$public" "$secret" "now() - interval '2 minutes'" gen_random_uuid\(\))
refused a_declassification_that_replicas_have_not_heard_of \
    '23514 lowered_after_all_have_forgotten' < <(
    lowered
    wished 'now()'
    lower 2 "$internal" "$secret" 'now()' gen_random_uuid\(\))
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
    echo "insert into writ.tool (audience, name, effect, destination, sends, release, release_pinned)
              values ('a', 't', 'write', 'to', false, '$public', '$public')")
refused a_tool_that_sends_is_not_buffered '23514 what_sends_is_not_buffered' < <(
    as writ_service
    echo "insert into writ.tool (audience, name, effect, sends, release, release_pinned, record)
              values ('a', 't', 'read', true, '$public', '$public', 'buffered')")
