# shellcheck shell=bash
# W6: who counts, what an approval's state is, and that it serves once; read by ./run.
# shellcheck disable=SC2154 # session.bash sets the rows

statements=../../service/ledger/statements
approval=01900000-0000-7000-8000-0000000000a1
rule='{"approvers": ["finance"], "quorum": 2}'

# asked [RULES]: a living task in which a call by its child was asked for. People: ann and bob of
# finance, eve of sales, tom who owns an agent of the chain, and kim whose key is a holder's.
asked() {
    living
    cat <<SQL
insert into writ.approver (name, groups, public_key, thumbprint)
    select name, array[team], key, writ.thumbprint(key)
      from (values ('ann', 'finance', sha256('ann')), ('bob', 'finance', sha256('bob')),
                   ('eve', 'sales', sha256('eve')), ('tom', 'finance', sha256('tom')),
                   ('kim', 'finance', sha256('kim'))) as p (name, team, key);
insert into writ.approval (task_id, id, expires_at, delegation_id, decision_id, client_id, audience,
                           tool, arguments, bound, rules, owners, holders, asked_sha256)
    values ('$task', '$approval', now() + interval '1 hour', '$child_id', '$spare_id', 'e', 'a', 't',
            '{}', 'bound', '${1:-[$rule]}', '{tom}', array[writ.thumbprint(sha256('kim'))],
            sha256('asked'));
SQL
}

# vote NAME [COLUMN=EXPRESSION]...
vote() {
    local pair
    local -A v=([task_id]="'$task'" [approval_id]="'$approval'" [approver]="'$1'"
        [thumbprint]="writ.thumbprint(sha256('$1'))" [decision]="'approve'"
        [expires_at]="now() + interval '1 hour'" [statement]="'s'")
    for pair in "${@:2}"; do v[${pair%%=*}]=${pair#*=}; done
    local IFS=,
    echo "insert into writ.approval_vote (${!v[*]}) values (${v[*]});"
}
state() { echo "select writ.approval_state('$task', '$approval');"; }
fault() { echo "select writ.approval_fault('$task', '$approval', sha256('${1:-bound}'), ${2:-false});"; }
use() {
    echo "insert into writ.approval_use (task_id, approval_id, decision_id)
          values ('$task', '$approval', '$spare_id');"
}

# ---- Who counts ---------------------------------------------------------------------------------------

says an_approval_waits 'pending approval_required' < <(asked; state; fault)
says a_quorum_is_of_different_people 'pending' < <(asked; vote ann; state)
refused one_person_votes_once '23505 approval_vote_pkey' < <(asked; vote ann; vote ann)
says two_of_a_group_are_its_quorum 'approved ' < <(asked; vote ann; vote bob; state; fault)
for other in eve tom kim; do
    says "does_not_count_$other" 'pending' < <(asked; vote ann; vote $other; state)
done
says counts_nobody_whose_word_is_over 'pending' < <(
    asked; vote ann; vote bob "expires_at=now()"; state)
says counts_nobody_who_is_retired 'pending' < <(
    asked; vote ann; vote bob
    echo "update writ.approver set retired_at = now() where name = 'bob';"; state)
says counts_nobody_whose_key_is_another_one 'pending' < <(
    asked; vote ann; vote bob
    echo "update writ.approver set public_key = sha256('new'),
              thumbprint = writ.thumbprint(sha256('new')) where name = 'bob';"; state)
says counts_nobody_who_left_the_group 'pending' < <(
    asked; vote ann; vote bob
    echo "update writ.approver set groups = '{}' where name = 'bob';"; state)
says each_rule_is_met_by_itself 'pending approved' < <(
    asked '[{"approvers": ["finance"], "quorum": 1}, {"approvers": ["eve"], "quorum": 1}]'
    vote ann; state; vote eve; state)
says anybody_is_anybody_who_may_approve 'approved' < <(
    asked '[{"approvers": ["*"], "quorum": 1}]'; vote eve; state)
says a_rule_that_says_no_number_is_never_met 'pending' < <(
    asked '[{"approvers": ["*"]}]'; vote ann; vote bob; state)

# ---- States -------------------------------------------------------------------------------------------

says one_no_is_a_no 'rejected approval_invalid' < <(
    asked; vote ann; vote bob "decision='reject'"; state; fault)
says an_approval_ends 'expired approval_invalid' < <(
    asked | sed "s/now() + interval '1 hour', '$child_id'/statement_timestamp() + interval '1 us', '$child_id'/"
    vote ann; vote bob; echo 'select pg_sleep(0.001) is null;' | sed 's/select/do $$ begin perform/; s/ is null;/; end $$;/'
    state; fault)
says what_was_used_is_used 'used approval_invalid' < <(asked; vote ann; vote bob; use; state; fault)
refused is_used_once '23505 approval_use_pkey' < <(asked; vote ann; vote bob; use; use)
says is_of_one_digest_only 'approval_invalid' < <(asked; vote ann; vote bob; fault other)
says there_is_none_by_default 't' < <(
    asked; echo "select writ.approval_state('$other_task', '$approval') is null
                    and writ.approval_fault('$other_task', '$approval', sha256('bound'), false)
                        = 'approval_invalid';")

# ---- Rows ---------------------------------------------------------------------------------------------

for table in approval approval_vote approval_use approval_notice; do
    for verb in "update writ.$table set task_id = task_id" "delete from writ.$table" \
        "truncate writ.$table"; do
        refused "service_cannot: $verb" 42501 < <(asked; vote ann; echo "$verb")
    done
done
refused service_cannot_rename_an_approver 42501 < <(
    asked; echo "update writ.approver set name = 'x' where name = 'ann'")
refused service_cannot_delete_an_approver 42501 < <(asked; echo 'delete from writ.approver')
refused refuses_the_thumbprint_of_another_key '23514 thumbprint_is_of_this_key' < <(
    asked; echo "update writ.approver set thumbprint = 'x' where name = 'ann'")
refused refuses_one_key_of_two_people '23505 approver_thumbprint_key' < <(
    asked
    echo "update writ.approver set public_key = sha256('ann'),
              thumbprint = writ.thumbprint(sha256('ann')) where name = 'bob'")
refused refuses_an_approval_that_asks_for_nothing '23514 asks_for_something' < <(asked '[]')
refused refuses_a_digest_that_is_given 428C9 < <(
    asked | sed "s/bound, rules/digest, rules/; s/'bound', '/sha256('x'), '/")
refused refuses_a_third_answer '23514 approval_vote_decision_check' < <(
    asked; vote ann "decision='perhaps'")
refused refuses_a_vote_on_nothing '23503 approval_vote_task_id_approval_id_fkey' < <(
    asked; vote ann "approval_id='$spare_id'")

# ---- The statement that takes a vote ------------------------------------------------------------------

# cast NAME DECISION
cast_vote() {
    echo "prepare cast_vote as $(cat $statements/approval_vote.sql);
          execute cast_vote ('$task', '$approval', '$1', writ.thumbprint(sha256('$1')), '$2',
                             now() + interval '1 hour', 's'); deallocate cast_vote;"
}
says takes_a_vote_of_whom_a_rule_asks 't|approve' < <(asked; cast_vote ann approve)
says takes_no_vote_of_another_person 'f| pending' < <(asked; cast_vote eve reject; state)
says keeps_the_first_answer 't|approve t|approve' < <(
    asked; cast_vote ann approve; cast_vote ann reject)
says takes_no_vote_when_it_is_over 't|reject t|' < <(
    asked; cast_vote ann reject; cast_vote bob approve)

# ---- What is told -------------------------------------------------------------------------------------

noticed() {
    asked
    echo "insert into writ.approval_notice (task_id, approval_id, event, at, next_at)
              values ('$task', '$approval', 'requested', now(), statement_timestamp());"
}
# told STATEMENT ARGUMENTS
told() {
    echo "prepare told as $(cat "$statements/$1.sql");
          \\o /dev/null
          execute told ('$task', '$approval'${2:+, $2}); deallocate told;
          \\o"
}
claimed() { told notice_claim "'requested', 30"; }
settled() { told notice_settle "'requested', $1, $2, 60"; }
notices() {
    echo "select string_agg(concat_ws(' ', event, attempts, fate, next_at > statement_timestamp()), ','
                            order by event)
            from writ.approval_notice where task_id = '$task' and approval_id = '$approval';"
}
says a_message_is_taken_by_one 'requested 1 t' < <(noticed; claimed; claimed; notices)
says a_message_is_due_again_after_it_failed 'requested 1 t requested 2 t' < <(
    noticed; claimed; settled 1 null; notices
    echo 'update writ.approval_notice set next_at = statement_timestamp();'; claimed; notices)
says a_message_is_settled_once 'requested 1 delivered t' < <(
    noticed; claimed; settled 1 "'delivered'"; settled 1 "'given_up'"
    echo 'update writ.approval_notice set next_at = statement_timestamp();'
    claimed; settled 1 null; notices | sed 's/> statement/<= statement/')
says an_earlier_attempt_settles_nothing 'requested 2 t' < <(
    noticed; claimed; echo 'update writ.approval_notice set next_at = statement_timestamp();'
    claimed; settled 1 "'delivered'"; notices)
says what_was_decided_is_told_once 'approved 0 f,requested 0 f' < <(
    noticed; vote ann; vote bob; told notice_decided; told notice_decided; notices)
says what_waits_is_not_decided 'requested 0 f' < <(noticed; vote ann; told notice_decided; notices)
says nobody_is_told_where_nobody_was '' < <(asked; vote ann; vote bob; told notice_decided; notices)
refused settled_without_a_fate '23514 settled_with_a_fate' < <(
    noticed; echo 'update writ.approval_notice set settled_at = now();')
refused an_event_that_is_none '23514 approval_notice_event_check' < <(
    noticed | sed "s/'requested'/'seen'/")
