# shellcheck shell=bash
# W9, the record, the role split and what an auditor reads; read by ./run.
# shellcheck disable=SC2004,SC2034,SC2154 # session.bash sets the rows and reads root_row

# ---- W9 and the record: inserted, never updated -----------------------------------------------------

ended() {
    ground
    take_child; insert
    cat <<SQL
insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
    values ('$task', '$child_id', 'revoked', 9000000000000000001, 'c');
insert into writ.task_end (task_id, state, feed_no, by_client)
    values ('$other_task', 'cancelled', 9000000000000000002, 'c');
insert into writ.holder_revocation (thumbprint, feed_no, by_client)
    values ('no-such-key', 9000000000000000003, 'c');
SQL
}
accepted accepts_a_revocation_and_an_end < <(ended)
for table in revocation task_end holder_revocation delegation task decision proof_used body narrowing \
    policy_version; do
    for verb in "update writ.$table set at = now()" "delete from writ.$table" "truncate writ.$table"; do
        case $table in
        delegation | proof_used) verb=${verb/ at = / } verb=${verb/set now()/set jti = \'x\'} ;;
        task) verb=${verb/ at = now()/ deadline = now()} ;;
        body | narrowing) verb=${verb/ at = now()/ task_id = null} ;;
        esac
        refused "service_cannot: $verb" 42501 < <(ended; echo "$verb")
    done
done
refused refuses_a_revocation_of_nothing '23503 [a-z_]+' < <(
    ground
    echo "insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
          values ('$task', '$spare_id', 'revoked', 9000000000000000001, 'c')")
refused refuses_a_second_end '23505 task_end_pkey' < <(
    ended
    echo "insert into writ.task_end (task_id, state, feed_no, by_client)
          values ('$other_task', 'completed', 9000000000000000004, 'c')")
refused refuses_a_second_feed_row '23505 feed_pkey' < <(
    as writ_owner; echo 'insert into writ.feed (head) values (1)')

# ---- Decisions and proofs -----------------------------------------------------------------------------

decision() { # COLUMN=EXPRESSION...
    local pair
    local -A d=([task_id]="'$task'" [id]='writ.uuidv7_floor(now())' [at]='now()'
        [delegation_id]="'$root_id'" [client_id]="'e'" [audience]="'a'" [tool]="'t'"
        [verdict]="'permit'" [arguments]="'{}'" [arguments_sha256]="sha256('{}')"
        [holder]="'h'" [proof_jti]="'j'" [start_by]='now()')
    for pair in "$@"; do d[${pair%%=*}]=${pair#*=}; done
    local IFS=,
    echo "insert into writ.decision (${!d[*]}) values (${d[*]});"
}
accepted accepts_a_permit < <(as writ_service; decision)
accepted accepts_a_denial < <(as writ_service; decision "verdict='deny'" "outcome='revoked'" 'proof_jti=null')
for c in delegation_id holder proof_jti arguments_sha256 start_by; do
    refused "refuses_a_permit_without_$c" '23514 [a-z_]+' < <(as writ_service; decision "$c=null")
done
refused refuses_a_permit_with_an_outcome '23514 a_denial_has_an_outcome' < <(
    as writ_service; decision "outcome='revoked'")
refused refuses_a_denial_without_an_outcome '23514 a_denial_has_an_outcome' < <(
    as writ_service; decision "verdict='deny'")
refused refuses_a_digest_of_other_arguments '23514 digest_is_of_these_arguments' < <(
    as writ_service; decision "arguments='{\"a\":1}'")
refused refuses_a_decision_without_a_partition '23514' < <(
    as writ_service; decision "id=writ.uuidv7_floor('1999-01-01')")
proof="insert into writ.proof_used (task_id, leaf_hash, jti, bucket, iat, decision_id)
       select '$task', sha256('l'), 'j', floor(extract(epoch from t) / 3600)::bigint, t, '$root_id'
         from (select date_trunc('second', now()) as t) x;"
accepted accepts_a_proof < <(as writ_service; echo "$proof")
refused refuses_the_same_proof_again '23505 [a-z0-9_]+_pkey' < <(as writ_service; echo "$proof $proof")
refused refuses_a_proof_in_another_bucket '23514 bucket_is_of_the_iat' < <(
    as writ_service; echo "${proof/::bigint,/::bigint + 2,}")
says service_makes_partitions_and_each_once '3|0|3|0' <<'SQL'
set local role writ_service;
select writ.ensure_decision_partitions('2031-03-30 12:00Z', '2031-04-01 00:00Z')::text
       || '|' || writ.ensure_decision_partitions('2031-03-30 12:00Z', '2031-04-01 00:00Z')
       || '|' || writ.ensure_proof_partitions('2031-03-30 12:00Z', '2031-04-01 00:00Z')
       || '|' || writ.ensure_proof_partitions('2031-03-30 12:00Z', '2031-04-01 00:00Z')
SQL
refused refuses_partitions_without_bounds 22023 <<'SQL'
set local role writ_service;
select writ.ensure_proof_partitions('2031-03-30', 'infinity')
SQL

# ---- Roles ---------------------------------------------------------------------------------------------

says service_deletes_and_truncates_nothing '0' <<'SQL'
select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('writ', 'audit') and c.relkind in ('r', 'p', 'v')
   and (has_table_privilege('writ_service', c.oid, 'delete, truncate, trigger, references'))
SQL
says service_updates_only \
    'account agent approval_notice approver beat circuit client denial feed heat idempotency lease refusal_count tool' <<'SQL'
select string_agg(c.relname, ' ' order by c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'writ' and c.relkind in ('r', 'p', 'v')
   and has_any_column_privilege('writ_service', c.oid, 'update')
SQL
says nothing_is_public '0' <<'SQL'
select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace,
               lateral aclexplode(c.relacl) a where n.nspname in ('writ', 'audit') and a.grantee = 0)
     + (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
               lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         where n.nspname in ('writ', 'audit') and a.grantee = 0)
SQL
says the_owner_owns_all '0' <<'SQL'
select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('writ', 'audit') and c.relowner <> 'writ_owner'::regrole)
     + (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('writ', 'audit') and p.proowner <> 'writ_owner'::regrole)
SQL
says no_triggers_of_ours_and_no_sequences '0' <<'SQL'
select (select count(*) from pg_trigger g join pg_class c on c.oid = g.tgrelid
          join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'writ' and not g.tgisinternal)
     + (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'writ' and c.relkind = 'S')
SQL
for statement in 'create table writ.x ()' 'create table public.x ()' 'create temporary table x ()' \
    'create schema x' 'alter table writ.narrowing drop constraint narrower' \
    'alter table writ.delegation disable trigger all' "set session_replication_role = 'replica'" \
    'drop table writ.revocation' 'create function writ.narrows(text) returns int language sql as $$ select 1 $$' \
    "select writ.ensure_day_partitions('writ.decision', now(), now())" \
    "insert into writ.epoch default values" "update writ.migration set name = ''" \
    'update writ.circuit set until = now()' 'update writ.denial set at = now()' \
    'delete from writ.denial' 'delete from writ.circuit'; do
    # shellcheck disable=SC2016 # $$ is PostgreSQL's
    refused "service_cannot: $statement" 42501 < <(
        # A superuser who has set role is still one to SET: so is the session's user here.
        if [[ $statement == set\ session* ]]; then echo "set session authorization writ_service;"; fi
        as writ_service; echo "$statement")
done
for view in labels tasks delegations decisions revocations registry_changes refusals who_can denials \
    circuits policies decided_under approvals approval_votes approval_notices; do
    accepted "auditor_reads_audit_$view" < <(as writ_auditor; echo "select * from audit.$view")
done
for table in delegation body narrowing client holder decision idempotency; do
    refused "auditor_cannot_read_writ_$table" 42501 < <(as writ_auditor; echo "select * from writ.$table")
    refused "log_cannot_read_writ_$table" 42501 < <(as writ_log; echo "select * from writ.$table")
done
refused auditor_cannot_write 42501 < <(
    as writ_auditor; echo "delete from audit.registry_changes")
refused public_sees_nothing 42501 <<'SQL'
create role writ_test_nobody;
set local role writ_test_nobody;
select * from audit.tasks
SQL
says no_secret_is_in_audit '0' <<'SQL'
select count(*) from information_schema.columns
 where table_schema = 'audit'
   and column_name in ('token', 'secret_sha256', 'sealed_key', 'handle_sha256', 'response_sealed')
SQL
says every_audit_view_says_what_it_is '0' <<'SQL'
select count(*) from pg_class where relnamespace = 'audit'::regnamespace
   and relkind = 'v' and obj_description(oid, 'pg_class') is null
SQL

# ---- What the auditor reads -----------------------------------------------------------------------------

# A living task: root, child and grandchild, with leases.
living() {
    root_row[issued_at]='now' root_row[expires_at]='tomorrow' root_row[task_deadline]='tomorrow'
    as writ_service
    cat <<SQL
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by)
    values ('$task', 'ann', 'test', '{}', 'tomorrow', 'issuer');
SQL
    take_root; insert
    take_child
    set_row issued_at=now expires_at=tomorrow parent_issued_at=now parent_expires_at=tomorrow
    insert
    set_row "id=$spare_id" "parent_id=$child_id" depth=2 "token_hash=$spare_hash" parent_depth=1 \
        parent_max_depth=2 "parent_authority=$narrow" "parent_hash=$child_hash" parent_holder=child-key
    insert
    echo "insert into writ.lease (task_id, delegation_id, expires_at)
              select task_id, id, now() + interval '300 s' from writ.delegation where task_id = '$task';"
}
states() {
    as writ_auditor
    echo "select string_agg(state, ' ' order by depth) from audit.delegations where task_id = '$task'"
}
says audit_shows_life 'live live live' < <(living; states)
says audit_shows_a_revoked_branch 'live revoked dead_by_ancestor' < <(
    living
    echo "insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
              values ('$task', '$child_id', 'revoked', 9000000000000000001, 'c');"
    states)
says audit_shows_a_completed_branch 'live completed dead_by_ancestor' < <(
    living
    echo "insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
              values ('$task', '$child_id', 'completed', 9000000000000000001, 'c');"
    states)
says audit_shows_a_lapsed_root 'lapsed dead_by_ancestor dead_by_ancestor' < <(
    living
    echo "update writ.lease set expires_at = now() where delegation_id = '$root_id';"
    states)
refused refuses_a_line_that_outlasts_its_link '23514 no_line_outlasts_its_link' < <(
    living
    echo "update writ.lease set line_until = expires_at + interval '1 us'
           where delegation_id = '$child_id';")
says audit_shows_a_revoked_key 'live revoked revoked' < <(
    living
    echo "insert into writ.holder_revocation (thumbprint, feed_no, by_client)
              values ('child-key', 9000000000000000001, 'c');"
    states)
says audit_shows_an_ended_task 'expired expired expired' < <(
    living
    echo "insert into writ.task_end (task_id, state, feed_no, by_client)
              values ('$task', 'completed', 9000000000000000001, 'c');"
    states)
says audit_says_who_can 'read_file t f,send t f' < <(
    living; as writ_auditor
    echo "select string_agg(format('%s %s %s', tool, may_call, may_pass_on), ',' order by tool)
            from audit.who_can where task_id = '$task' and delegation_id = '$spare_id'")
says audit_says_who_is_barred 'pay t f,read_file t t,send f t' < <(
    living; as writ_auditor
    echo "select string_agg(format('%s %s %s', tool, may_call, may_pass_on), ',' order by tool)
            from audit.who_can where task_id = '$task' and delegation_id = '$root_id'")
