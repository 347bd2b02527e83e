# shellcheck shell=bash
# W8: what the database refuses of a link, by INSERT, COPY and UPDATE; read by ./run.
# shellcheck disable=SC2004,SC2034,SC2154 # session.bash sets the rows and reads root_row

# ---- Controls: without these a refusal proves nothing --------------------------------------------

take_child; accepted_row accepts_a_narrowed_child
take_child; set_row "authority=$wide" 'max_depth=3' "expires_at=$deadline"
set_row 'authority={"read_file": {"path": {"constraint_type": "path_containment", "root": "/notes"}}}'
accepted_row accepts_a_child_as_wide_as_its_parent_may_pass_on
take_child; set_row 'authority={}'; accepted_row accepts_an_empty_authority
accepted accepts_a_chain_to_the_root_ceiling < <(
    ground
    take_child; insert
    set_row "id=$spare_id" "parent_id=$child_id" depth=2 "token_hash=$spare_hash" parent_depth=1 \
        parent_max_depth=2 "parent_expires_at=$soon" "parent_authority=$narrow" \
        "parent_hash=$child_hash" parent_holder=child-key
    insert)
accepted accepts_an_update_that_changes_no_rule < <(
    ground; take_child; insert; as writ_owner
    echo "update writ.delegation set jti = 'x' where id = '$child_id'")

# ---- W8: the copy is the parent's, whole or absent ------------------------------------------------

digest_of "$narrow" "$(terms)"
declare -A altered=([parent_id]=$other_root_id [parent_depth]=1 [parent_max_depth]=8
    [parent_issued_at]='2025-12-31 00:00:00+00' [parent_expires_at]=$later [parent_digest]=$digest
    [parent_hash]=$other_hash [parent_holder]=other-key)
# One deeper than a parent that says depth 1: the rule on depth may speak before the key does.
either='23503 copy_is_the_parents|23514 one_deeper'

for c in "${copied[@]}"; do
    take_child; set_row "$c=${altered[$c]}"
    refused_row "refuses_altered_$c" "$either"
    refused_update "refuses_altered_$c" "$either" "$c = '${altered[$c]}'"
    take_child; set_row "$c="
    refused_row "refuses_null_$c" '23514 [a-z_]+'
    refused_update "refuses_null_$c" '23514 [a-z_]+' "$c = null"
done

take_child
for c in "${copied[@]}"; do set_row "$c="; done
refused_row refuses_a_child_without_a_parent '23514 [a-z_]+'
take_child
for c in "${copied[@]}"; do set_row "$c="; done
set_row depth=0 "task_deadline=$deadline"
refused_row refuses_a_second_root '23505 delegation_one_root'
refused_update refuses_a_child_made_a_second_root '23505 delegation_one_root' \
    "depth = 0, task_deadline = '$deadline', $(for c in "${copied[@]}"; do printf '%s = null, ' "$c"; done) jti = 'x'"

take_child; set_row "parent_id=$spare_id"
refused_row refuses_an_orphan '23503 copy_is_the_parents'
take_child; set_row "parent_id=$other_root_id" "parent_hash=$other_hash"
refused_row refuses_another_tasks_parent '23503 copy_is_the_parents'
take_child; set_row "task_id=$other_task"
refused_row refuses_a_child_moved_to_another_task '23503 copy_is_the_parents'
take_child; set_row "parent_id=$child_id" "parent_hash=$child_hash" parent_holder=child-key
refused_row refuses_a_row_that_is_its_own_parent '23503 copy_is_the_parents'
take_child; set_row "token_hash=$root_hash"
refused_row refuses_the_same_token_twice '23505 delegation_token'
take_child; set_row "authority=$wider" 'parent_authority={"read_file": {}}'
refused_row refuses_a_lie_about_the_parents_authority '23503 copy_is_the_parents'
take_child; set_row "expires_at=$later" "parent_expires_at=$later"
refused_row refuses_a_lie_about_the_parents_life '23503 copy_is_the_parents'
take_child; set_row depth=2 parent_depth=1
refused_row refuses_a_lie_about_the_parents_depth '23503 copy_is_the_parents'
take_child; set_row "parent_terms=$(terms 'call_only=[]')"
refused_row refuses_a_lie_about_the_parents_terms '23503 copy_is_the_parents'
take_child; set_row 'parent_authority=null'
refused_row refuses_a_json_null_for_the_parents_authority '23514 narrower'
take_child; set_row 'parent_terms=null'
refused_row refuses_json_null_for_the_parents_terms '23514 [a-z_]+'
digest_of "$narrow" "$(terms)"
for pair in "digest = '$digest'" 'max_depth = 2' "expires_at = '$soon'" "holder = 'x'" \
    "token_hash = '$spare_hash'" "id = '$spare_id'" "task_id = '$other_task'"; do
    refused "refuses_a_parent_changed_under_its_child: ${pair%% *} (update, owner)" \
        '23503 [a-z_]+|23505 [a-z_]+' < <(
        ground; take_child; insert; as writ_owner
        echo "update writ.delegation set $pair where task_id = '$task' and id = '$root_id'")
done
refused refuses_to_delete_a_parent '23503 copy_is_the_parents' < <(
    ground; take_child; insert; as writ_owner
    echo "delete from writ.delegation where task_id = '$task' and id = '$root_id'")

# ---- The root ---------------------------------------------------------------------------------

root_refused() {
    local name=$1 wanted=$2
    shift 2
    take_root; set_row "task_id=$task" "$@"
    local who how
    for who in writ_service writ_owner; do
        for how in insert copy; do
            refused "$name ($how, ${who#writ_})" "$wanted" < <(
                as writ_service
                echo "insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
                      values ('$task', 'ann', 'test', '{}', '$deadline', 'issuer', '$issued');"
                as "$who"; "$how")
        done
    done
}
root_refused refuses_a_root_without_a_task '23503 root_is_of_a_task' "task_id=$other_task"
root_refused refuses_a_root_that_outlives_its_task '23514 ends_with_the_task' "expires_at=$later"
root_refused refuses_a_root_that_lies_about_the_deadline '23503 root_is_of_a_task' \
    "expires_at=$later" "task_deadline=$later"
root_refused refuses_a_root_without_a_deadline '23514 [a-z_]+' 'task_deadline='
root_refused refuses_a_root_at_depth_1 '23514 [a-z_]+' depth=1
root_refused refuses_a_root_below_zero '23514 [a-z_]+' depth=-1
root_refused refuses_a_root_issued_before_all_time '23514 times_are_finite' issued_at=-infinity
root_refused refuses_a_root_with_a_ceiling_over_32 '23514 depth_within_bounds' max_depth=33
root_refused refuses_a_root_with_half_a_parent '23514 copy_is_whole_or_absent' parent_depth=0
root_refused refuses_an_ill_formed_root '23514 authority_well_formed' \
    'authority={"t": {"a": {"constraint_type": "regex", "value": ".*"}}}'
root_refused refuses_a_root_without_terms '23514 terms_well_formed' 'terms={}'
root_refused refuses_a_root_with_unknown_terms '23514 terms_well_formed' \
    "terms=$(terms | sed 's/}$/, "extra": []}/')"

# ---- I2, I3 -------------------------------------------------------------------------------------

broken() { # NAME WANTED COLUMN=VALUE...
    local name=$1 wanted=$2 pair sets=()
    shift 2
    take_child; set_row "$@"
    refused_row "$name" "$wanted"
    for pair in "$@"; do sets+=("$(assigned "$pair")"); done
    local IFS=,
    case $1 in
    authority=* | terms=*) refused_narrowing "$name" "$wanted" "${sets[*]}" ;;
    *) refused_update "$name" "$wanted" "${sets[*]}" ;;
    esac
}
assigned() { # COLUMN=VALUE
    case $1 in
    authority=?* | terms=?*) printf "%s_json = convert_to('%s', 'UTF8')" "${1%%=*}" "${1#*=}" ;;
    authority= | terms=) printf '%s_json = null' "${1%%=*}" ;;
    *) printf '%s = %s' "${1%%=*}" "$(value_or_null "${1#*=}")" ;;
    esac
}
broken refuses_a_skipped_depth '23514 one_deeper' depth=2
broken refuses_the_parents_own_depth '23514 [a-z_]+' depth=0
broken refuses_a_depth_over_the_own_ceiling '23514 depth_within_bounds' max_depth=0
broken refuses_a_ceiling_over_the_parents '23514 no_deeper_than_the_parent_allows' max_depth=4
broken refuses_a_child_that_outlives_its_parent '23514 does_not_outlive_its_parent' \
    "expires_at=$later"
broken refuses_a_child_that_never_ends '23514 [a-z_]+' 'expires_at=infinity'
broken refuses_a_child_issued_before_its_parent '23514 not_issued_before_its_parent' \
    'issued_at=2025-12-31 23:59:59+00'
broken refuses_a_child_that_ends_before_it_starts '23514 expires_after_it_is_issued' \
    "expires_at=$issued"
broken refuses_a_child_that_names_the_deadline '23514 only_a_root_names_the_deadline' \
    "task_deadline=$deadline"
for c in depth max_depth issued_at expires_at authority terms token_hash holder task_id id; do
    broken "refuses_null_$c" '23502' "$c="
done
broken refuses_a_short_token_hash '23514 token_is_sized' 'token_hash=\x01'
broken refuses_an_empty_token '23514 token_is_sized' 'token=\x'
broken refuses_a_token_over_64_kib '23514 token_is_sized' \
    "token=\\x$(head -c 65537 /dev/zero | od -An -v -tx1 | tr -d ' \n')"
broken refuses_a_handle_that_is_no_digest '23514 handle_is_a_digest' 'handle_sha256=\x00'
broken refuses_an_audience_that_is_no_list '23514 audience_is_a_list' 'audience={}'
broken refuses_an_attribution_to_nobody '23514 attributed_to_an_agent' 'agent='
refused refuses_a_child_of_a_terminal_parent '23514 [a-z_]+' < <(
    ground
    take_child; set_row max_depth=1; insert
    set_row "id=$spare_id" "parent_id=$child_id" depth=2 max_depth=2 "token_hash=$spare_hash" \
        parent_depth=1 parent_max_depth=1 "parent_expires_at=$soon" "parent_authority=$narrow" \
        "parent_hash=$child_hash" parent_holder=child-key
    insert)

# ---- I4: every constraint type, one that narrows and some that widen ------------------------------

broken refuses_a_tool_the_parent_lacks '23514 narrower' 'authority={"delete_file": {}}'
broken refuses_dropped_constraints '23514 narrower' 'authority={"read_file": {}}'
broken refuses_authority_null '23514 [a-z_]+' 'authority=null'
broken refuses_authority_that_is_a_list '23514 [a-z_]+' 'authority=[]'
broken refuses_an_ill_formed_child '23514 (narrower|authority_well_formed)' \
    'authority={"read_file": {"path": {"constraint_type": "exact", "value": "/notes/a", "x": 1}}}'

# A body that is ill-formed by itself is refused before it is compared.
widened='23514 (narrower|authority_well_formed)'
narrowing() { # TYPE PARENT GOOD BAD...: constraints on one argument
    local type=$1 parent="{\"t\": {\"a\": $2}}" good="{\"t\": {\"a\": $3}}" bad n=0 who how
    local -A kept=()
    local c
    for c in "${!root_row[@]}"; do kept[$c]=${root_row[$c]}; done
    root_row[authority]=$parent
    root_row[terms]=$(terms 'call_only=[]')
    take_child; set_row "authority=$good" "terms=$(terms 'call_only=[]')"
    accepted_row "accepts_a_narrower_$type"
    for bad in "${@:4}"; do
        n=$((n + 1))
        take_child; set_row "authority={\"t\": {\"a\": $bad}}" "terms=$(terms 'call_only=[]')"
        for who in writ_service writ_owner; do
            for how in insert copy; do
                refused "refuses_a_wider_$type $n ($how, ${who#writ_})" "$widened" < <(
                    ground; as "$who"; "$how")
            done
        done
        refused "refuses_a_wider_$type $n (update, owner)" '23514 narrower' < <(
            ground
            take_child; set_row "authority=$good" "terms=$(terms 'call_only=[]')"; insert
            as writ_owner
            echo "update writ.narrowing set authority_json = '{\"t\": {\"a\": $bad}}'
                   where task_id = '$task'")
    done
    for c in "${!kept[@]}"; do root_row[$c]=${kept[$c]}; done
}
k='{"constraint_type"'
narrowing exact "$k: \"exact\", \"value\": 1}" "$k: \"exact\", \"value\": 1.0}" \
    "$k: \"exact\", \"value\": 2}" "$k: \"exact\", \"value\": \"1\"}" "$k: \"wildcard\"}"
narrowing range "$k: \"range\", \"min\": 1, \"max\": 9, \"max_inclusive\": false}" \
    "$k: \"range\", \"min\": 1, \"max\": 8}" \
    "$k: \"range\", \"min\": 0, \"max\": 8}" "$k: \"range\", \"min\": 1, \"max\": 9}" \
    "$k: \"range\", \"min\": 1}" "$k: \"exact\", \"value\": 9}"
narrowing one_of "$k: \"one_of\", \"values\": [1, 2]}" "$k: \"exact\", \"value\": 2}" \
    "$k: \"one_of\", \"values\": [1, 3]}" "$k: \"not_one_of\", \"excluded\": [3]}" \
    "$k: \"one_of\", \"values\": []}"
narrowing not_one_of "$k: \"not_one_of\", \"excluded\": [1]}" \
    "$k: \"not_one_of\", \"excluded\": [1, 2]}" \
    "$k: \"not_one_of\", \"excluded\": [2]}" "$k: \"exact\", \"value\": 2}"
narrowing contains "$k: \"contains\", \"required\": [1]}" \
    "$k: \"contains\", \"required\": [2, 1]}" \
    "$k: \"contains\", \"required\": []}" "$k: \"contains\", \"required\": [[1]]}"
narrowing subset "$k: \"subset\", \"allowed\": [1, [2, 3]]}" "$k: \"subset\", \"allowed\": [[2, 3]]}" \
    "$k: \"subset\", \"allowed\": [1, 2]}" "$k: \"subset\", \"allowed\": [[3]]}"
narrowing wildcard "$k: \"wildcard\"}" "$k: \"range\"}" \
    "$k: \"regex\"}" "$k: \"wildcard\", \"optional\": true}"
narrowing all "$k: \"all\", \"constraints\": [$k: \"range\", \"min\": 1}, $k: \"range\", \"max\": 9}]}" \
    "$k: \"all\", \"constraints\": [$k: \"exact\", \"value\": 5}]}" \
    "$k: \"all\", \"constraints\": [$k: \"range\", \"min\": 1}]}" \
    "$k: \"exact\", \"value\": 5}" "$k: \"all\", \"constraints\": []}"
narrowing any "$k: \"any\", \"constraints\": [$k: \"exact\", \"value\": 1}, $k: \"range\", \"min\": 9}]}" \
    "$k: \"any\", \"constraints\": [$k: \"exact\", \"value\": 10}]}" \
    "$k: \"any\", \"constraints\": [$k: \"exact\", \"value\": 1}, $k: \"exact\", \"value\": 2}]}" \
    "$k: \"any\", \"constraints\": []}"
narrowing path_containment "$k: \"path_containment\", \"root\": \"/notes\"}" \
    "$k: \"exact\", \"value\": \"/notes/2026/a.md\"}" \
    "$k: \"path_containment\", \"root\": \"/notes2\"}" \
    "$k: \"exact\", \"value\": \"/notes/../etc\"}" "$k: \"one_of\", \"values\": [\"/notes/a\"]}"

# ---- Terms: every member loosened -----------------------------------------------------------------

loosened() { # NAME MEMBER=VALUE
    broken "refuses_$1" '23514 terms_(narrower|well_formed)' "terms=$(terms "$2")"
}
tightened() {
    take_child; set_row "terms=$(terms "$2")"; accepted_row "accepts_$1"
}
label() { # CONFIDENTIALITY INTEGRITY CATEGORIES
    printf 'clearance={"confidentiality": "%s", "integrity": "%s", "categories": %s}' "$@"
}
loosened a_higher_confidentiality "$(label restricted untrusted '["pii"]')"
loosened an_unknown_confidentiality "$(label secret untrusted '["pii"]')"
loosened another_category "$(label internal untrusted '["pii", "legal"]')"
loosened no_clearance 'clearance=null'
loosened a_clearance_without_integrity \
    'clearance={"confidentiality": "internal", "categories": []}'
loosened a_dropped_approval 'approval=[]'
loosened a_smaller_quorum \
    'approval=[{"tools": ["send"], "approvers": ["finance"], "quorum": 1}]'
loosened more_approvers \
    'approval=[{"tools": ["send"], "approvers": ["finance", "me"], "quorum": 2}]'
loosened a_dropped_call_only 'call_only=[]'
loosened a_dropped_bar 'barred=[]'
loosened a_changed_bar 'barred=[{"tool": "send", "agent": "planner", "key": "other"}]'
loosened a_dropped_budget 'budget=[]'
loosened a_higher_limit \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "100.01", "per_call": "50"}]'
loosened a_higher_per_call \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "10", "per_call": "50.5"}]'
loosened no_per_call \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "10"}]'
loosened a_limit_on_something_else \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "fee", "limit": "10", "per_call": "1"}]'
loosened a_wide_limit_behind_a_narrow_one \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "1", "per_call": "1"}, {"unit": "usd", "tool": "pay", "argument": "amount", "limit": "999", "per_call": "999"}]'
loosened a_limit_that_is_no_decimal \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "1e1", "per_call": "1"}]'
loosened a_limit_below_zero \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "-1", "per_call": "1"}]'
loosened a_limit_that_is_not_a_text \
    'budget=[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": 10, "per_call": "1"}]'
broken refuses_terms_that_are_null '23514 [a-z_]+' 'terms=null'
broken refuses_terms_that_are_empty '23514 [a-z_]+' 'terms={}'
tightened a_lower_clearance "$(label public trusted '[]')"
tightened more_approval 'approval=[{"tools": ["pay"], "approvers": ["b"], "quorum": 1}, {"tools": ["send"], "approvers": ["finance"], "quorum": 2}]'
tightened more_call_only 'call_only=["read_file", "pay"]'
tightened more_bars 'barred=[{"tool": "send", "agent": "planner", "key": "k"}, {"tool": "pay", "agent": "x", "key": "y"}]'
tightened a_lower_limit_and_a_new_one \
    'budget=[{"unit": "calls", "limit": "5"}, {"unit": "usd", "tool": "pay", "argument": "amount", "limit": "99.999999999", "per_call": "50.0"}]'
broken refuses_a_child_with_a_call_only_tool '23514 call_only_is_not_passed_on' \
    'authority={"pay": {"amount": {"constraint_type": "range", "max": 100}}}'
