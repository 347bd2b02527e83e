# shellcheck shell=bash
# W4: an account that would not be conserved is refused, and what is dead gives back once; read by
# ./run.
# shellcheck disable=SC2154 # session.bash sets the ids

accounts() { # COLUMN=EXPRESSION...: of the root's account
    living
    as writ_service
    cat <<SQL
insert into writ.account (task_id, delegation_id, entry, unit, granted, carved, reserved, spent)
    values ('$task', '$root_id', 1, 'usd', 100, 60, 10, 20);
insert into writ.account (task_id, delegation_id, entry, unit, granted, reserved, spent, from_id,
                          from_entry)
    values ('$task', '$child_id', 1, 'usd', 60, 5, 3, '$root_id', 1);
SQL
    local change
    for change in "$@"; do
        echo "update writ.account set $change where task_id = '$task' and delegation_id = '$root_id';"
    done
}

accepted accepts_accounts_that_are_conserved < <(accounts)
accepted accepts_an_account_that_is_spent_to_the_last < <(accounts 'spent = 30')
for change in 'spent = 30.000000001' 'reserved = 20.01' 'carved = 71' 'withheld = 10.5' \
    "spent = 'infinity'" "spent = 'NaN'"; do
    refused "refuses_an_account_with_$change" '23514 account_[a-z_]+' < <(accounts "$change")
done
for column in carved reserved spent withheld overspent; do
    refused "refuses_an_account_with_negative_$column" '23514 account_[a-z_]+' < <(
        accounts "$column = -0.000000001")
    refused "refuses_an_account_without_$column" 23502 < <(accounts "$column = null")
done
refused refuses_a_frozen_account_with_something_left '23514 frozen_account_has_nothing_left' < <(
    accounts 'frozen_at = now()')
accepted accepts_a_frozen_account_with_nothing_left < <(
    accounts 'frozen_at = now(), withheld = remaining')
refused refuses_a_closed_account_that_still_holds '23514 closed_account_is_settled' < <(
    accounts 'closed_at = now(), withheld = remaining')
refused refuses_an_account_of_no_delegation '23503 [a-z_]+' < <(
    living; as writ_service
    echo "insert into writ.account (task_id, delegation_id, entry, unit, granted)
              values ('$task', gen_random_uuid(), 1, 'usd', 1)")
refused refuses_an_account_carved_from_none '23503 [a-z_]+' < <(
    accounts
    echo "insert into writ.account (task_id, delegation_id, entry, unit, granted, from_id, from_entry)
              values ('$task', '$child_id', 2, 'eur', 1, '$root_id', 7)")
refused refuses_an_account_carved_from_half_a_name '23514 carved_from_a_whole_account' < <(
    accounts
    echo "insert into writ.account (task_id, delegation_id, entry, unit, granted, from_id)
              values ('$task', '$child_id', 2, 'eur', 1, '$root_id')")
refused refuses_a_second_account_of_one_entry '23505 account_pkey' < <(
    accounts
    echo "insert into writ.account (task_id, delegation_id, entry, unit, granted)
              values ('$task', '$root_id', 1, 'usd', 1000)")
for statement in 'update writ.account set granted = 1000' 'update writ.account set from_id = null' \
    'delete from writ.account' 'update writ.reservation set amount = 0' \
    'delete from writ.reservation'; do
    refused "service_cannot: $statement" 42501 < <(as writ_service; echo "$statement")
done

# ---- Settling --------------------------------------------------------------------------------------

books() {
    echo "select string_agg(format('%s %s %s %s %s', carved, reserved, spent, withheld, remaining),
                            ',' order by granted desc)
            from writ.account where task_id = '$task' and unit = 'usd'"
}
settled() { echo "do 'begin perform writ.settle(''$task''); end';"; }
revoked() {
    echo "insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
              values ('$task', '$1', 'revoked', 9000000000000000001, 'c');"
}
says settling_leaves_what_is_alive '60 10 20 0 10,0 5 3 0 52' < <(accounts; settled; books)
# 3 were spent and 5 may have been; 52 come back.
says settling_gives_back_what_a_dead_child_left '0 10 28 0 62,0 0 8 52 0' < <(
    accounts; revoked "$child_id"; settled; books)
says settling_twice_changes_nothing '0 10 28 0 62,0 0 8 52 0' < <(
    accounts; revoked "$child_id"; settled; settled; books)
says settling_a_dead_root_closes_all '0 0 38 62 0,0 0 8 52 0' < <(
    accounts; revoked "$root_id"; settled; books)
says settling_a_lapsed_child_gives_back '0 10 28 0 62,0 0 8 52 0' < <(
    accounts
    echo "update writ.lease set expires_at = now() where delegation_id = '$child_id';"
    settled; books)
says settling_an_ended_task_closes_all '0 0 38 62 0,0 0 8 52 0' < <(
    accounts
    echo "insert into writ.task_end (task_id, state, feed_no, by_client)
              values ('$task', 'expired', 9000000000000000001, 'writd');"
    settled; books)
says what_returns_to_a_frozen_account_stays_withheld '0 10 28 62 0,0 0 8 52 0' < <(
    accounts 'frozen_at = now(), withheld = remaining'; revoked "$child_id"; settled; books)
for view in accounts reservations; do
    accepted "auditor_reads_audit_$view" < <(as writ_auditor; echo "select * from audit.$view")
done
