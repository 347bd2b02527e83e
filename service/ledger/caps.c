#include "ledger/caps.h"

#include "authority/authority.h"
#include "base/crypto.h"
#include "clock.h"
#include "ledger/sql.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 1024, WAYS = 4, SHARE = 64, FULL_US = 1000000 };

/* What is counted of a task or of a node. */
struct count {
    uint64_t key; /* a fingerprint; 0: free */
    uint64_t turn;
    int64_t counted;       /* in the ledger, then */
    int64_t since;         /* let through since then, admitted or not */
    int64_t full_until_us; /* counted as full; local monotonic time */
};

struct caps {
    struct caps_limits limits;
    uint8_t random[16];
    pthread_mutex_t lock;
    uint64_t turn;
    struct count counts[SETS][WAYS];
};

struct caps *caps_new(const struct caps_limits *limits)
{
    struct caps *caps = calloc(1, sizeof *caps);
    if (!caps)
        return NULL;
    caps->limits = *limits;
    writ_random(caps->random, sizeof caps->random);
    pthread_mutex_init(&caps->lock, NULL);
    return caps;
}

struct caps *caps_free(struct caps *caps)
{
    if (!caps)
        return NULL;
    pthread_mutex_destroy(&caps->lock);
    free(caps);
    return NULL;
}

struct cap {
    enum statement statement;
    const char *field;
    const char *detail;
    uint32_t limit;
    const struct uuid *task;
    const struct uuid *node; /* NULL: the task itself */
};

static uint64_t key_of(const struct caps *caps, const struct cap *cap)
{
    struct uuid ids[2] = {*cap->task};
    if (cap->node)
        ids[1] = *cap->node;
    return writ_fingerprint(caps->random, writ_slice_of(ids, sizeof ids)) | 1;
}

/* In a locked table; one that is new has to be counted. */
static struct count *find(struct caps *caps, uint64_t key)
{
    struct count *set = caps->counts[(key >> 1) % SETS];
    struct count *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key) {
            set[i].turn = ++caps->turn;
            return &set[i];
        }
        if (set[i].turn < oldest->turn)
            oldest = &set[i];
    }
    *oldest = (struct count){.key = key, .turn = ++caps->turn, .since = INT64_MAX};
    return oldest;
}

static struct writ_result refuse(const struct cap *cap, struct writ_denial *ret_denial)
{
    writ_denial_set(ret_denial, WRIT_CEILING_EXCEEDED, "", cap->field, "%s: %u", cap->detail,
                    (unsigned)cap->limit);
    return WRIT_FAILURE(CEILING_EXCEEDED);
}

enum fate { PASSES, IS_FULL, MUST_COUNT };

static enum fate ask_memory(struct caps *caps, const struct cap *cap, uint64_t key)
{
    pthread_mutex_lock(&caps->lock);
    struct count *count = find(caps, key);
    enum fate fate = MUST_COUNT;
    if (count->full_until_us > clock_monotonic_us())
        fate = IS_FULL;
    else if (count->since <= cap->limit / SHARE && count->counted + count->since < cap->limit)
        fate = PASSES;
    if (fate == PASSES)
        count->since++;
    pthread_mutex_unlock(&caps->lock);
    return fate;
}

static void remember(struct caps *caps, const struct cap *cap, uint64_t key, int64_t counted)
{
    pthread_mutex_lock(&caps->lock);
    struct count *count = find(caps, key);
    count->counted = counted;
    count->since = 1;
    count->full_until_us = counted >= cap->limit ? clock_monotonic_us() + FULL_US : 0;
    pthread_mutex_unlock(&caps->lock);
}

static struct writ_result check(struct caps *caps, struct db *db, const struct cap *cap,
                                struct writ_denial *ret_denial)
{
    if (cap->limit == 0)
        return WRIT_SUCCESS;
    const uint64_t key = key_of(caps, cap);
    const enum fate fate = ask_memory(caps, cap, key);
    if (fate == PASSES)
        return WRIT_SUCCESS;
    if (fate == IS_FULL)
        return refuse(cap, ret_denial);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(cap->task->bytes), db_int8(cap->limit),
                                      cap->node ? db_uuid(cap->node->bytes) : db_null()};
    WRIT_TRY(sql_run(db, cap->statement, params, cap->node ? 3 : 2, &rows));
    WRIT_ENSURE(db_rows(rows) == 1, INTERNAL);
    const int64_t counted = db_get_int8(rows, 0, 0);
    remember(caps, cap, key, counted);
    return counted < cap->limit ? WRIT_SUCCESS : refuse(cap, ret_denial);
}

struct writ_result caps_admit(struct caps *caps, struct db *db, const struct uuid *task,
                              const struct uuid *parent, struct writ_denial *ret_denial)
{
    const struct cap nodes = {
        STATEMENT_COUNT_NODES, "task", "the task has as many delegations as it may",
        caps->limits.nodes,    task,   NULL};
    const struct cap children = {
        STATEMENT_COUNT_CHILDREN, "parent", "the parent has as many children as it may",
        caps->limits.children,    task,     parent};
    WRIT_TRY(check(caps, db, &nodes, ret_denial));
    return check(caps, db, &children, ret_denial);
}
