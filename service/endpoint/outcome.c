/* POST /v1/decisions/{decision}/outcome: what a call did, by its enforcement point, once. */
#include "endpoint/decisions.h"
#include "endpoint/endpoints.h"
#include "ledger/sql.h"
#include "log.h"
#include "metrics.h"
#include "token/terms.h"

enum { REFERENCE_MAX = 500 };

struct report {
    bool success;
    struct writ_slice reference;
    struct writ_slice unit;
    struct writ_slice amount;
    const struct writ_json *label; /* whole, or NULL */
};

/* What became of the report. */
struct written {
    bool taken; /* else there is one already, or the record is sealed */
    bool overspent;
};

static struct writ_result insert(struct call *call, struct db *db, const struct decision_ask *ask,
                                 struct writ_slice label, struct written *ret_written)
{
    enum { TAKEN, OVERSPENT };
    const struct report *report = ask->more;
    const struct db_param params[] = {
        db_uuid(ask->task.bytes),
        db_uuid(ask->id.bytes),
        db_text(call->client->id),
        db_bool(report->success),
        label.data ? db_jsonb(label) : db_null(),
        db_text(report->unit),
        db_text(report->amount),
        db_text(report->reference),
        db_int8(call->service->config->outcome_grace_s),
    };
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_DECISION_REPORT, params, 9, &rows));
    ret_written->taken = db_get_bool(rows, 0, TAKEN);
    ret_written->overspent = db_get_bool(rows, 0, OVERSPENT);
    return WRIT_SUCCESS;
}

/* W5: what the call turned out to return can only add to the label of the task. */
static struct writ_result raise(struct db *db, const struct decision_ask *ask,
                                struct writ_slice label)
{
    const struct db_param params[] = {db_uuid(ask->task.bytes), db_cstr("outcome"),
                                      db_uuid(ask->id.bytes), db_null(), db_jsonb(label)};
    return sql_run(db, STATEMENT_LABEL_RAISE, params, 5, NULL);
}

/* The lock of the task comes before those of its accounts. */
static struct writ_result in_transaction(struct call *call, struct db *db,
                                         const struct decision_ask *ask,
                                         struct written *ret_written)
{
    const struct report *report = ask->more;
    const struct db_param task = db_uuid(ask->task.bytes);
    struct writ_slice label = WRIT_SLICE_NONE;
    if (report->label) {
        label = writ_json_canonical(call->arena, report->label);
        WRIT_ENSURE(label.data, OUT_OF_MEMORY);
        WRIT_TRY(sql_run(db, STATEMENT_LOCK_TASK_ALONE, &task, 1, NULL));
    }
    WRIT_TRY(insert(call, db, ask, label, ret_written));
    if (ret_written->taken && label.data)
        WRIT_TRY(raise(db, ask, label));
    return db_to_result(db_commit(db));
}

static void say_overspent(struct call *call, const struct decision_ask *ask)
{
    char task[UUID_TEXT_SIZE], decision[UUID_TEXT_SIZE];
    uuid_text(&ask->task, task);
    uuid_text(&ask->id, decision);
    metrics_count_overspent(call->service->metrics);
    log_warn("budget_overspent", LOG_TEXT("task", task), LOG_TEXT("decision", decision));
}

/* What was recorded says the same as what was sent. */
static bool is_same(const struct report *report, const struct writ_json *recorded)
{
    const struct writ_json *label = writ_json_get(recorded, "label");
    return writ_json_get(recorded, "success")->boolean == report->success &&
           writ_slice_equal(writ_json_text(writ_json_get(recorded, "reference")),
                            report->reference) &&
           writ_slice_equal(writ_json_text(writ_json_get(recorded, "amount")), report->amount) &&
           writ_slice_equal(writ_json_text(writ_json_get(recorded, "unit")), report->unit) &&
           !label == !report->label && (!label || writ_json_equal(label, report->label));
}

static void answer_recorded(struct call *call, struct db *db, struct decision_ask *ask, bool taken)
{
    SQL_RESULT row = NULL;
    const struct writ_result result = decision_find(call, db, ask, &row);
    const struct writ_json *recorded = writ_is_ok(result) ? decision_report_json(call, row) : NULL;
    if (writ_is_ok(result) && !recorded && !taken)
        call_fail(call, WRIT_TASK_CLOSED, "task",
                  "the record is sealed: the task, or a link of the line, ended too long ago");
    else if (!recorded)
        call_fail_read(call, writ_is_ok(result) ? WRIT_FAILURE(INTERNAL) : result, "");
    else if (is_same(ask->more, recorded))
        call_answer(call, 201, recorded); /* a repetition gets the first answer */
    else
        call_fail(call, WRIT_CONFLICT, "", "another outcome of this call was reported before");
}

static void record(struct call *call, struct db *db)
{
    struct decision_ask *ask = *http_user(call->request);
    SQL_RESULT row = NULL;
    struct writ_result result = decision_find(call, db, ask, &row);
    if (writ_is_ok(result) &&
        !writ_slice_equal(db_get_text(row, 0, DECISION_CLIENT), call->client->id)) {
        call_fail(call, WRIT_FORBIDDEN, "", "the enforcement point that asked reports the outcome");
        return;
    }
    if (writ_is_ok(result) && !writ_slice_is(db_get_text(row, 0, DECISION_VERDICT), "permit")) {
        call_fail(call, WRIT_CONFLICT, "", "the call was refused, so it has no outcome");
        return;
    }
    struct written written = {0};
    if (writ_is_ok(result))
        result = db_to_result(db_begin(db));
    if (writ_is_ok(result))
        result = in_transaction(call, db, ask, &written);
    if (writ_is_ok(result) && written.overspent)
        say_overspent(call, ask);
    if (writ_is_ok(result))
        answer_recorded(call, db, ask, written.taken);
    else
        call_fail_read(call, result, "there is no such decision");
}

/* As it is stored and shown: all three members. */
static bool read_label(struct call *call, struct report *report)
{
    struct writ_label label;
    const struct writ_json *said = NULL;
    if (!call_object(call, "label", false, &said))
        return false;
    if (!said)
        return true;
    if (writ_is_ok(writ_label_read(call->arena, said, &label)))
        report->label = writ_label_json(call->arena, &label);
    if (!report->label)
        call_fail(call, WRIT_MALFORMED, "label", "label: confidentiality, integrity, categories");
    return report->label != NULL;
}

void decisions_outcome(struct call *call)
{
    static const char *const MEMBERS[] = {"success", "reference", "label", "unit", "amount", NULL};
    struct report *report = writ_arena_alloc(call->arena, sizeof *report);
    struct decision_ask *ask = report ? decision_ask_read(call) : NULL;
    if (!report)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    if (!ask)
        return;
    ask->more = report;
    if (!call_only_members(call, MEMBERS) ||
        !call_boolean(call, "success", false, &report->success) ||
        !call_text(call, "reference", REFERENCE_MAX, false, &report->reference) ||
        !call_text(call, "unit", REFERENCE_MAX, false, &report->unit) ||
        !call_text(call, "amount", REFERENCE_MAX, false, &report->amount) ||
        !read_label(call, report))
        return;
    if (!writ_json_get(call->body, "success"))
        call_fail(call, WRIT_MALFORMED, "success", "success: true or false");
    else if (report->amount.data && !writ_decimal_is_valid(report->amount))
        call_fail(call, WRIT_MALFORMED, "amount", "amount: a decimal text like \"12.50\"");
    else if (report->unit.data && !report->amount.data)
        call_fail(call, WRIT_MALFORMED, "unit", "unit: of an amount");
    else
        call_read(call, record);
}
