#include "endpoint/accounts.h"

#include "endpoint/column.h"
#include "ledger/sql.h"

/* Columns of accounts_of. */
enum {
    DELEGATION,
    UNIT,
    TOOL,
    ARGUMENT,
    GRANTED,
    CARVED,
    RESERVED,
    SPENT,
    WITHHELD,
    REMAINING,
    OVERSPENT,
    FROZEN_AT,
    CLOSED_AT
};

static const struct {
    const char *name;
    int column;
} TEXTS[] = {
    {"unit", UNIT},           {"tool", TOOL},         {"argument", ARGUMENT},
    {"granted", GRANTED},     {"carved", CARVED},     {"reserved", RESERVED},
    {"spent", SPENT},         {"withheld", WITHHELD}, {"remaining", REMAINING},
    {"overspent", OVERSPENT},
};

static struct writ_json *read_account(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *account = writ_json_new_object(call->arena);
    column_put_id(call, account, "delegation", rows, row, DELEGATION);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        column_put_text(call, account, TEXTS[i].name, rows, row, TEXTS[i].column);
    column_put_time(call, account, "closed_at", rows, row, CLOSED_AT);
    column_put_time(call, account, "frozen_at", rows, row, FROZEN_AT);
    const bool is_frozen = !db_is_null(rows, row, FROZEN_AT);
    return writ_json_put_boolean(call->arena, account, "frozen", is_frozen) ? account : NULL;
}

struct writ_result accounts_put(struct call *call, struct db *db, const struct uuid *task,
                                const struct uuid *delegation, struct writ_json *node)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(task->bytes), db_uuid(delegation->bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_ACCOUNTS_OF, params, 2, &rows));
    struct writ_json *accounts = writ_json_new_array(call->arena);
    WRIT_ENSURE(accounts, OUT_OF_MEMORY);
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct writ_json *account = read_account(call, rows, i);
        WRIT_ENSURE(account && writ_json_add(call->arena, accounts, account), OUT_OF_MEMORY);
    }
    WRIT_ENSURE(writ_json_put(call->arena, node, "accounts", accounts), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

const struct writ_json *accounts_remaining(struct call *call, const struct debit *debits,
                                           size_t count)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *remaining = writ_json_new_array(arena);
    for (size_t i = 0; i < count && remaining; i++) {
        if (!debits[i].remaining)
            continue;
        struct writ_json *left = writ_json_new_object(arena);
        writ_json_put_text(arena, left, "unit", debits[i].unit);
        if (debits[i].tool.data)
            writ_json_put_text(arena, left, "tool", debits[i].tool);
        if (debits[i].argument.data)
            writ_json_put_text(arena, left, "argument", debits[i].argument);
        call_put_id(call, left, "delegation", &debits[i].account.delegation);
        if (!writ_json_put_string(arena, left, "remaining", debits[i].remaining) ||
            !writ_json_add(arena, remaining, left))
            return NULL;
    }
    return remaining;
}
