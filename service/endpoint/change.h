/*
 * One change of the registry by an administrator: a transaction in which the resource does its
 * work and a registry_change row says who changed what (without secrets); then the snapshot is
 * read anew, so that the caller's next call sees it. A change that changes nothing leaves no row.
 */
#ifndef WRIT_ENDPOINT_CHANGE_H
#define WRIT_ENDPOINT_CHANGE_H

#include "endpoint/call.h"

struct change {
    const char *kind;               /* "agent", "client", "tool" */
    struct writ_slice key;          /* what it is called */
    const struct writ_json *before; /* NULL: it is new */
    const struct writ_json *after;
    const struct writ_json *answer; /* NULL: after */
    bool only_tried;           /* taken back when the work is done, and answered all the same */
    struct writ_denial denial; /* when the work is refused */
};

/* Between begin and commit, alone among changes; fills the change. */
typedef struct writ_result change_work(struct call *call, struct db *db, struct change *change);

/* Answers the call. */
void change_run(struct call *call, struct db *db, change_work *work);
/* Fills the denial; for `return change_refuse(...)`. */
struct writ_result change_refuse(struct change *change, enum writ_status status, const char *field,
                                 const char *detail) WRIT_MUST_CHECK;

/* The path parameter as a name: 1 to 200 bytes. */
bool change_name(struct call *call, const char *parameter, struct writ_slice *ret_name);

enum { CHANGE_NAME_MAX = 200 };

#endif
