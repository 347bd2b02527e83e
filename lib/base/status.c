#include "base/status.h"

#include <stddef.h>
#include <string.h>

struct entry {
    const char *code;
    int http;
    const char *retry;
    const char *text;
};

#define X(name, text) static const char RETRY_##name[] = text;
WRIT_RETRY_LIST(X)
#undef X

static const struct entry ENTRIES[WRIT_STATUS_COUNT] = {
    [WRIT_OK] = {"ok", 200, RETRY_NEVER, "Done."},
#define X(name, code, http, retry, text) [WRIT_##name] = {code, http, RETRY_##retry, text},
    WRIT_OUTCOME_LIST(X) WRIT_FAULT_LIST(X)
#undef X
};

static const struct entry *find(enum writ_status status)
{
    const int index = (int)status;
    return &ENTRIES[index < 0 || index >= WRIT_STATUS_COUNT ? WRIT_INTERNAL : index];
}

const char *writ_status_code(enum writ_status status)
{
    return find(status)->code;
}

const char *writ_status_text(enum writ_status status)
{
    return find(status)->text;
}

const char *writ_status_retry(enum writ_status status)
{
    return find(status)->retry;
}

int writ_status_http(enum writ_status status)
{
    return find(status)->http;
}

enum writ_status writ_status_from_code(const char *code)
{
    for (size_t i = 0; i < WRIT_STATUS_COUNT; i++)
        if (strcmp(ENTRIES[i].code, code) == 0)
            return (enum writ_status)i;
    return WRIT_STATUS_COUNT;
}
