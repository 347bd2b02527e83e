# shellcheck shell=bash
# W8 where it is stored once a task: bodies, narrowings, and the digests that stand for them; read by
# ./run.
# shellcheck disable=SC2004,SC2154 # session.bash sets the rows

open='{"read_file": {}, "send": {}, "pay": {}}'
narrower_still='{"send": {"to": {"constraint_type": "subset", "allowed": ["a@x"]}}}'
digest_of "$wide" "$(terms)"; wide_digest=$digest
digest_of "$narrow" "$(terms)"; narrow_digest=$digest
digest_of "$wider" "$(terms)"; wider_digest=$digest
digest_of "$open" "$(terms)"; open_digest=$digest

# ---- A digest stands for its bytes ------------------------------------------------------------------

# forged NAME TABLE DIGEST=VALUE COLUMN=TEXT...: by INSERT and by COPY, as the service and as the owner.
forged() {
    local name=$1 table=$2 lie=$3 who pair names=task_id,${3%%=*} values="'$task','${3#*=}'"
    for pair in "${@:4}"; do
        names+=,${pair%%=*}
        values+=",convert_to('${pair#*=}', 'UTF8')"
    done
    for who in writ_service writ_owner; do
        refused "refuses_$name (insert, ${who#writ_})" 428C9 < <(
            ground; as "$who"; echo "insert into writ.$table ($names) values ($values)")
        refused "refuses_$name (copy, ${who#writ_})" 42P10 < <(
            # It never asks for data; psql skips what stands there all the same, from 15.20 on.
            ground; as "$who"; printf '%s\n' "copy writ.$table ($names) from stdin;" '\.')
    done
    refused "refuses_$name (update, owner)" 428C9 < <(
        ground; take_child; insert; as writ_owner
        echo "update writ.$table set ${lie%%=*} = '${lie#*=}' where task_id = '$task'")
}
forged a_body_under_anothers_digest body "digest=$narrow_digest" \
    authority_json='{}' terms_json='{}'
forged a_narrowing_under_anothers_digest narrowing "digest=$wider_digest" \
    parent_authority_json='{}' parent_terms_json='{}' authority_json='{}' terms_json='{}'
forged a_narrowing_under_anothers_parent narrowing "parent_digest=$wide_digest" \
    parent_authority_json='{}' parent_terms_json='{}' authority_json='{}' terms_json='{}'
forged a_root_digest_that_is_not_its_own delegation "root_digest=$narrow_digest"
says digest_is_of_both_texts_and_no_other_split 4 < <(
    ground; as writ_owner
    cat <<SQL
select count(distinct sha256(sha256(a) || sha256(b)))
  from (values ('ab'::bytea, 'c'::bytea), ('a', 'bc'), ('abc', ''), ('', 'abc')) v (a, b)
SQL
)
accepted accepts_a_body_that_is_written_in_another_way < <(
    ground; take_child; as writ_service
    set_row 'authority={"send":{"to":{"allowed":["a@x"],"constraint_type":"subset"}}}'
    insert)

# ---- A body is well-formed by itself, and stays ------------------------------------------------------

# ill_formed NAME WANTED AUTHORITY TERMS
ill_formed() {
    local who how
    row=([task_id]=$task [authority]=$3 [terms]=$4)
    for who in writ_service writ_owner; do
        for how in insert_body copy_body; do
            refused "refuses_$1 (${how%_body}, ${who#writ_})" "$2" < <(ground; as "$who"; "$how")
        done
    done
    refused "refuses_$1 (update, owner)" "$2" < <(
        ground; as writ_owner
        echo "update writ.body set authority_json = $(bytes authority), terms_json = $(bytes terms)
               where task_id = '$task'")
}
ill_formed a_body_with_an_unknown_constraint '23514 authority_well_formed' \
    '{"t": {"a": {"constraint_type": "regex", "value": ".*"}}}' "$(terms)"
ill_formed a_body_with_unknown_terms '23514 terms_well_formed' "$wide" "{}"
ill_formed a_body_whose_authority_is_null '23514 authority_well_formed' null "$(terms)"
ill_formed a_body_whose_terms_are_null '23514 terms_well_formed' "$wide" null
ill_formed a_body_that_is_not_json 22P02 '{"t"' "$(terms)"
refused refuses_a_body_that_is_not_utf_8 22021 < <(
    ground; as writ_service
    echo "insert into writ.body (task_id, authority_json, terms_json)
              values ('$task', decode('ff', 'hex'), '{}')")

# changed NAME WANTED STATEMENT: under a root and its child, to the owner.
changed() {
    take_child
    refused "$1" "$2" < <(ground; insert; as writ_owner; echo "$3")
}
changed refuses_a_body_changed_under_its_root '23503 root_has_a_body' \
    "update writ.body set authority_json = '$open'::bytea where task_id = '$task' and digest = '$wide_digest'"
changed refuses_a_body_changed_under_a_narrowing '23503 narrowed_to_a_body' \
    "update writ.body set authority_json = '{}' where task_id = '$task' and digest = '$narrow_digest'"
changed refuses_a_body_moved_to_another_task '23503 [a-z_]+|23505 body_pkey' \
    "update writ.body set task_id = '$other_task' where task_id = '$task' and digest = '$wide_digest'"
changed refuses_to_delete_a_body '23503 (root_has_a_body|narrowed_to_a_body)' \
    "delete from writ.body where task_id = '$task'"
changed refuses_a_narrowing_changed_under_its_child '23503 narrowed_from_the_parents' \
    "insert into writ.body (task_id, authority_json, terms_json)
         select '$task', '{}', terms_json from writ.body where digest = '$narrow_digest';
     update writ.narrowing set authority_json = '{}' where task_id = '$task'"
changed refuses_a_narrowing_of_another_parent_under_its_child '23503 narrowed_from_the_parents' \
    "update writ.narrowing set parent_authority_json = '$open'::bytea where task_id = '$task'"
changed refuses_a_narrowing_moved_to_another_task '23503 [a-z_]+' \
    "update writ.narrowing set task_id = '$other_task' where task_id = '$task'"
changed refuses_to_delete_a_narrowing '23503 narrowed_from_the_parents' \
    "delete from writ.narrowing where task_id = '$task'"

# ---- A link has the narrowing of its parent's body to its own, in its task ------------------------------

# A narrowing that is true, but not of the link that is written then.
beside() { # TASK PARENT_AUTHORITY AUTHORITY
    local -A kept=()
    local c
    for c in "${!row[@]}"; do kept[$c]=${row[$c]}; done
    row=([task_id]=$1 [authority]=$3 [terms]=$(terms) [parent_authority]=$2
        [parent_terms]=$(terms))
    insert_body
    insert_narrowing
    row=()
    for c in "${!kept[@]}"; do row[$c]=${kept[$c]}; done
}
# The link alone, after what `beside` writes.
refused_link() { # NAME WANTED TASK PARENT_AUTHORITY AUTHORITY
    local who how
    for who in writ_service writ_owner; do
        for how in insert_link copy_link; do
            refused "$1 (${how%_link}, ${who#writ_})" "$2" < <(
                ground; as "$who"; beside "${@:3}"; "$how")
        done
    done
}
accepted accepts_a_link_whose_narrowing_was_there < <(
    ground; take_child; as writ_service; beside "$task" "$wide" "$narrow"; insert_link)
take_child
refused_link refuses_a_link_without_a_narrowing '23503 narrowed_from_the_parents' \
    "$task" "$narrow" "$narrower_still"
refused_link refuses_a_narrowing_of_another_task '23503 narrowed_from_the_parents' \
    "$other_task" "$wide" "$narrow"
take_child; set_row "digest=$wider_digest"
refused_link refuses_a_wider_body_that_another_parent_may_have '23503 narrowed_from_the_parents' \
    "$task" "$open" "$wider"
set_row "parent_digest=$open_digest"
refused_link refuses_the_narrowing_of_a_body_that_the_parent_has_not '23503 copy_is_the_parents' \
    "$task" "$open" "$wider"
set_row "parent_digest=$wider_digest"
refused_link refuses_a_wider_body_that_is_its_own_parent '23503 copy_is_the_parents' \
    "$task" "$wider" "$wider"
take_child; set_row "digest=$wide_digest"
refused_link refuses_the_parents_body_without_a_narrowing_to_it '23503 narrowed_from_the_parents' \
    "$task" "$wide" "$narrow"
refused refuses_a_narrowing_over_two_links_as_one '23503 narrowed_from_the_parents' < <(
    ground; take_child; as writ_service
    beside "$task" "$wide" "$narrow"
    beside "$task" "$narrow" "$narrower_still"
    digest_of "$narrower_still" "$(terms)"
    set_row "digest=$digest"
    insert_link)
refused refuses_a_narrowing_to_no_body '23503 narrowed_to_a_body' < <(
    ground; take_child; as writ_service; insert_narrowing)
changed refuses_a_link_changed_to_a_wider_body '23503 narrowed_from_the_parents' \
    "update writ.delegation set digest = '$wide_digest' where id = '$child_id'"

# body_of_a_root NAME TASK: a root whose body is there in TASK.
body_of_a_root() {
    local how
    take_root
    for how in insert_link copy_link; do
        refused "$1 (${how%_link})" '23503 root_has_a_body' < <(
            as writ_service
            cat <<SQL
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at)
    values ('$task', 'ann', 'test', '{}', '$deadline', 'issuer', '$issued');
insert into writ.body (task_id, authority_json, terms_json)
    values ('$2', $(bytes authority), $(bytes terms));
SQL
            set_row "digest=${3-$wide_digest}"
            "$how")
    done
}
body_of_a_root refuses_a_root_with_a_body_of_another_task "$other_task"
body_of_a_root refuses_a_root_without_a_body "$task" "$narrow_digest"
