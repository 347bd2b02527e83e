/*
 * The high-water mark: the highest (epoch, head, log size) of the ledger that this service has
 * seen, in <data>/mark, outside of the database. A database that does not reach it is an older one
 * (a restored backup, a standby that was promoted too early): revocations in it may be forgotten,
 * and proofs unspent. Then nothing is decided until `writd recover` has opened a new epoch.
 *
 * When it is durable. A revocation, completion or end that was answered must never be forgotten
 * unnoticed, so its own answer waits until the mark covers its number: one fdatasync after the
 * commit's. Those that come together share it, as waiters find theirs done. Nothing else waits:
 * decisions and admissions never touch the mark. Other services learn of the number by the feed and
 * write their own mark within a beat, after memory has taken the revocation in: what they answered
 * before was a refusal, which is no promise.
 *
 * What it can not notice: an older database with the same head, one whose head has grown past the
 * mark before any service that knew more looked at it, and a mark that was restored with it.
 *
 * The file is text of one fixed size, with a digest at its end: a torn, empty or foreign one is
 * refused, never ignored. log_size is 0 until there is a log.
 */
#ifndef WRIT_LEDGER_MARK_H
#define WRIT_LEDGER_MARK_H

#include "uuid.h"

#include <stdint.h>

struct mark;

struct mark_position {
    struct uuid epoch;
    int64_t head;
    int64_t log_size;
};

/* One sentence for whoever asks and is not answered. */
#define MARK_BEHIND                                                                                \
    "the database is behind what was seen of it before: it was restored, a standby was promoted, " \
    "or it is another one; run `writd recover`"

/* Reads <dir>/mark; none there is a first start. INTERNAL, with the reason logged, for a file that
 * is not whole. */
struct writ_result mark_open(const char *dir, struct mark **ret_mark) WRIT_MUST_CHECK;
struct mark *mark_free(struct mark *mark); /* takes NULL, returns NULL */

/* The highest that was seen, durable or not. False: nothing was seen yet. All of it was committed
 * before this was asked, so a database that is looked at afterwards must have it. */
bool mark_get(struct mark *mark, struct mark_position *ret_position);
/* Durable when it returns: no lower than `head` of `epoch`. STATUS_UNKNOWN when the mark is of
 * another epoch by now, or can not be written. For those who end authority. */
struct writ_result mark_reach(struct mark *mark, const struct uuid *epoch,
                              int64_t head) WRIT_MUST_CHECK;
/* The same, and takes over another epoch. For those who have asked the database, and found it not
 * behind. Does nothing for a position that is covered. */
struct writ_result mark_follow(struct mark *mark,
                               const struct mark_position *position) WRIT_MUST_CHECK;
/* What was reached for and could not be written is written now. */
struct writ_result mark_settle(struct mark *mark) WRIT_MUST_CHECK;
/* False while the last that was seen is not durable because it can not be written. */
bool mark_is_kept(const struct mark *mark);

/* Whether the database was found behind. The flag is one atomic: every call asks it. */
bool mark_is_behind(const struct mark *mark);
/* True when that is news. */
bool mark_set_behind(struct mark *mark, bool is_behind);

#endif
