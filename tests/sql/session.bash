# shellcheck shell=bash
# One psql session, cases that pass or fail, and the rows that they start from; read by ./run.
# shellcheck disable=SC2034,SC2119,SC2120 # the cases use what is set here

passed=0
failed=0

ok() {
    passed=$((passed + 1))
    printf 'ok      %s\n' "$1"
}

fail() {
    failed=$((failed + 1))
    printf 'FAILED  %s: %s\n' "$1" "$2"
}

# One session for all cases: a process a case would take ten times as long. A COPY behind a failure
# begins all the same (ON_ERROR_ROLLBACK), or psql would take its data for statements.
coproc DB { stdbuf -oL psql -XAtq -v VERBOSITY=verbose -v ON_ERROR_ROLLBACK=on 2>&1; }
# shellcheck disable=SC2153 # the coprocess sets it
exec {to_db}>&"${DB[1]}" {from_db}<&"${DB[0]}"

# Runs standard input in one transaction that is rolled back; leaves in `got` "accepted" with what
# was printed, or "SQLSTATE constraint " of the first error.
attempt() {
    local sql line errors=0 state='' constraint='' printed=''
    sql=$(cat)
    # An empty statement after COPY makes psql 15 swallow what follows it: none is ever sent.
    if [[ $sql != *';' && $sql != *'\.' ]]; then sql+=';'; fi
    printf 'begin;\n%s\nrollback;\n\\echo @@done\n' "$sql" >&"$to_db"
    while IFS= read -r line <&"$from_db"; do
        case $line in
        @@done)
            if [[ -n $state ]]; then got="$state ${constraint:+$constraint }"; else got="accepted $printed"; fi
            return
            ;;
        *ERROR:\ * | *FATAL:\ *)
            errors=$((errors + 1))
            if [[ -z $state ]]; then
                state=${line#*R: }
                state=${state#*L: }
                state=${state# }
                state=${state%%:*}
            fi
            ;;
        CONSTRAINT\ NAME:*) if [[ $errors -eq 1 ]]; then constraint=${line#*:  }; fi ;;
        *) printed+=${printed:+ }$line ;;
        esac
    done
    echo 'the session ended' >&2
    exit 1
}

# refused NAME WANTED < sql: WANTED is a regular expression on "SQLSTATE constraint".
refused() {
    attempt
    if [[ $got =~ ^($2)\ $ ]]; then ok "$1"; else fail "$1" "wanted $2, got $got"; fi
}

accepted() {
    attempt
    if [[ $got == accepted* ]]; then ok "$1"; else fail "$1" "refused: $got"; fi
}

# says NAME WANTED < sql: the one value that the statements print.
says() {
    attempt
    if [[ $got == "accepted $2" ]]; then ok "$1"; else fail "$1" "wanted $2, got $got"; fi
}

# ---- Rows, as tables of literal text, so that INSERT and COPY write the same -------------------

# A row also has what its body says (authority, terms, and those of its parent): it is written with
# them, as the rows of body and narrowing that it refers to.
columns=(task_id id parent_id depth max_depth issued_at expires_at digest token_hash holder
    parent_depth parent_max_depth parent_issued_at parent_expires_at parent_digest parent_hash
    parent_holder task_deadline token jti agent audience handle_sha256 admitted_by)
copied=(parent_id parent_depth parent_max_depth parent_issued_at parent_expires_at parent_digest
    parent_hash parent_holder)

task=01900000-0000-7000-8000-000000000001
other_task=01900000-0000-7000-8000-000000000002
root_id=01900000-0000-7000-8000-00000000000a
other_root_id=01900000-0000-7000-8000-00000000000b
child_id=01900000-0000-7000-8000-00000000000c
spare_id=01900000-0000-7000-8000-00000000000d
issued='2026-01-01 00:00:00+00'
soon='2026-01-01 00:30:00+00'
deadline='2026-01-01 01:00:00+00'
later='2026-01-01 02:00:00+00'
root_hash="\\x$(printf 'a1%.0s' {1..32})"
other_hash="\\x$(printf 'a2%.0s' {1..32})"
child_hash="\\x$(printf 'a3%.0s' {1..32})"
spare_hash="\\x$(printf 'a4%.0s' {1..32})"

wide='{"read_file": {"path": {"constraint_type": "path_containment", "root": "/notes"}}, "send": {"to": {"constraint_type": "subset", "allowed": ["a@x", "b@x"]}}, "pay": {"amount": {"constraint_type": "range", "max": 100}}}'
narrow='{"read_file": {"path": {"constraint_type": "exact", "value": "/notes/a.md"}}, "send": {"to": {"constraint_type": "subset", "allowed": ["a@x"]}}}'
wider='{"read_file": {"path": {"constraint_type": "path_containment", "root": "/"}}}'

# terms [MEMBER=VALUE]...: effective terms, a default for each member that is not given.
terms() {
    local pair
    local -A m=(
        [clearance]='{"confidentiality": "internal", "integrity": "untrusted", "categories": ["pii", "hr"]}'
        [approval]='[{"tools": ["send"], "approvers": ["finance"], "quorum": 2}]'
        [call_only]='["pay"]'
        [barred]='[{"tool": "send", "agent": "planner", "key": "k"}]'
        [budget]='[{"unit": "usd", "tool": "pay", "argument": "amount", "limit": "100.00", "per_call": "50.00"}]')
    for pair in "$@"; do m[${pair%%=*}]=${pair#*=}; done
    printf '{"clearance": %s, "approval": %s, "call_only": %s, "barred": %s, "budget": %s}' \
        "${m[clearance]}" "${m[approval]}" "${m[call_only]}" "${m[barred]}" "${m[budget]}"
}

binary() { sha256sum | sed 's/ .*//; s/../\\x&/g'; }

# digest_of AUTHORITY TERMS: leaves in `digest` that of their body, as the database generates it.
declare -A digests
digest_of() {
    local both="$1 | $2"
    if [[ -z ${digests[$both]-} ]]; then
        # shellcheck disable=SC2059 # the digests are escapes
        digests[$both]='\x'$(printf "$(printf %s "$1" | binary)$(printf %s "$2" | binary)" |
            sha256sum | cut -c 1-64)
    fi
    digest=${digests[$both]}
}

# seal COLUMN...: the digests of what the row says, where that was given.
seal() {
    local c
    for c in "$@"; do
        case $c in
        authority | terms)
            digest_of "${row[authority]-}" "${row[terms]-}"
            row[digest]=$digest
            ;;
        parent_authority | parent_terms)
            digest_of "${row[parent_authority]-}" "${row[parent_terms]-}"
            row[parent_digest]=$digest
            ;;
        esac
    done
}

declare -A row
declare -A root_row=([task_id]=$task [id]=$root_id [depth]=0 [max_depth]=3 [issued_at]=$issued
    [expires_at]=$deadline [authority]=$wide [terms]=$(terms) [token_hash]=$root_hash
    [holder]=root-key [task_deadline]=$deadline [token]='\x01' [jti]=r [agent]=planner
    [admitted_by]=client)

take_root() {
    local c
    row=()
    for c in "${!root_row[@]}"; do row[$c]=${root_row[$c]}; done
    seal authority
}

# A child of the row that the associative array root_row describes.
take_child() {
    row=([task_id]=$task [id]=$child_id [parent_id]=$root_id [depth]=1 [max_depth]=2
        [issued_at]=$issued [expires_at]=$soon [authority]=$narrow [terms]=$(terms)
        [token_hash]=$child_hash [holder]=child-key [parent_depth]=0
        [parent_max_depth]=${root_row[max_depth]} [parent_issued_at]=$issued
        [parent_expires_at]=$deadline [parent_authority]=${root_row[authority]}
        [parent_terms]=${root_row[terms]} [parent_hash]=$root_hash [parent_holder]=root-key
        [token]='\x02' [jti]=c [agent]=retriever [admitted_by]=client)
    seal authority parent_authority
}

# set_row COLUMN=VALUE...: an empty value is NULL.
set_row() {
    local pair
    for pair in "$@"; do
        if [[ -n ${pair#*=} ]]; then row[${pair%%=*}]=${pair#*=}; else unset "row[${pair%%=*}]"; fi
    done
    seal "${@%%=*}"
}

list() { local IFS=,; echo "${columns[*]}"; }

# bytes NAME: what the row says there, as SQL.
bytes() { if [[ -v row[$1] ]]; then printf "convert_to('%s', 'UTF8')" "${row[$1]}"; else printf null; fi; }

insert_body() {
    echo "insert into writ.body (task_id, authority_json, terms_json)
          values ('${row[task_id]-$task}', $(bytes authority), $(bytes terms)) on conflict do nothing;"
}

is_narrowed() { [[ -v row[parent_authority] && -v row[parent_terms] ]]; }

insert_narrowing() {
    is_narrowed || return 0
    echo "insert into writ.narrowing (task_id, parent_authority_json, parent_terms_json,
              authority_json, terms_json)
          values ('${row[task_id]-$task}', $(bytes parent_authority), $(bytes parent_terms),
              $(bytes authority), $(bytes terms)) on conflict do nothing;"
}

# The bytes of JSON as COPY reads them: a backslash is one of bytea's, too.
csv_bytes() {
    local value=${row[$1]//\\/\\\\}
    printf '"%s"' "${value//\"/\"\"}"
}

copy_body() {
    echo 'copy writ.body (task_id, authority_json, terms_json) from stdin with (format csv);'
    echo "${row[task_id]-$task},$(csv_bytes authority),$(csv_bytes terms)"
    echo '\.'
}

copy_narrowing() {
    echo 'copy writ.narrowing (task_id, parent_authority_json, parent_terms_json, authority_json,
              terms_json) from stdin with (format csv);'
    echo "${row[task_id]-$task},$(csv_bytes parent_authority),$(csv_bytes parent_terms),$(
        csv_bytes authority),$(csv_bytes terms)"
    echo '\.'
}

insert() {
    insert_body
    insert_narrowing
    insert_link
}

# A child's body may be its parent's, which is there. NULL is for INSERT to say.
copy() {
    if [[ ! -v row[authority] || ! -v row[terms] ]]; then
        insert_body
        insert_narrowing
    else
        if [[ -v row[parent_id] ]]; then insert_body; else copy_body; fi
        if is_narrowed; then copy_narrowing; fi
    fi
    copy_link
}

insert_link() {
    local c values=()
    for c in "${columns[@]}"; do
        if [[ -v row[$c] ]]; then values+=("'${row[$c]}'"); else values+=(null); fi
    done
    printf 'insert into writ.delegation (%s) values (' "$(list)"
    local IFS=,
    echo "${values[*]});"
}

copy_link() {
    local c values=()
    for c in "${columns[@]}"; do
        if [[ -v row[$c] ]]; then values+=("\"${row[$c]//\"/\"\"}\""); else values+=(''); fi
    done
    echo "copy writ.delegation ($(list)) from stdin with (format csv);"
    local IFS=,
    echo "${values[*]}"
    echo '\.'
}

as() { echo "set local role $1;"; }

# Two tasks and their roots; what each case starts from. The first root is root_row.
ground() {
    local -A kept=()
    local c
    as writ_service
    cat <<SQL
insert into writ.task (task_id, principal, purpose, evidence, deadline, opened_by, opened_at) values
    ('$task', 'ann', 'test', '{}', '$deadline', 'issuer', '$issued'),
    ('$other_task', 'bob', 'test', '{}', '$deadline', 'issuer', '$issued');
SQL
    for c in "${!row[@]}"; do kept[$c]=${row[$c]}; done
    take_root
    insert
    set_row "task_id=$other_task" "id=$other_root_id" "token_hash=$other_hash"
    insert
    row=()
    for c in "${!kept[@]}"; do row[$c]=${kept[$c]}; done
}

# The row is refused by INSERT and by COPY, as the service and as the owner.
refused_row() {
    local who how
    for who in writ_service writ_owner; do
        for how in insert copy; do
            refused "$1 ($how, ${who#writ_})" "$2" < <(ground; as "$who"; "$how")
        done
    done
}

# The update of the valid child is refused to the owner by a rule, to the service altogether.
refused_update() {
    take_child
    refused "$1 (update, owner)" "$2" < <(
        ground; insert; as writ_owner
        echo "update writ.delegation set $3 where task_id = '$task' and id = '$child_id'")
}

# The same of the narrowing that it refers to.
refused_narrowing() {
    take_child
    refused "$1 (update, owner)" "$2" < <(
        ground; insert; as writ_owner
        echo "update writ.narrowing set $3 where task_id = '$task' and digest = '${row[digest]}'")
}

accepted_row() {
    local how
    for how in insert copy; do
        accepted "$1 ($how)" < <(ground; as writ_service; "$how")
    done
}

value_or_null() { if [[ -n $1 ]]; then echo "'$1'"; else echo null; fi; }
