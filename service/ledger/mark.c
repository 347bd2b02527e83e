#include "ledger/mark.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "log.h"
#include "store.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Text before the digest, and all of the file. */
#define HEAD_FORMAT "writ-mark 1\nepoch %s\nhead %020lld\nlog %020lld\n"
enum {
    BODY_SIZE = 12 + 6 + 36 + 1 + 5 + 20 + 1 + 4 + 20 + 1,
    FILE_SIZE = BODY_SIZE + 7 + 43 + 1,
    EPOCH_AT = 12 + 6,
    HEAD_AT = EPOCH_AT + 36 + 1 + 5,
    LOG_AT = HEAD_AT + 20 + 1 + 4,
};

struct mark {
    char path[PATH_MAX];
    int directory; /* locked while the file is replaced: two processes may share it */

    pthread_mutex_t lock; /* of what was seen */
    bool has_seen;
    struct mark_position seen;

    pthread_mutex_t file_lock; /* one writes, those who wait find theirs done */
    bool has_file;
    struct mark_position file;

    atomic_bool is_kept;
    atomic_bool is_behind;
};

/* ---- The file ----------------------------------------------------------------------------- */

static void print(const struct mark_position *position, char ret_text[static FILE_SIZE + 1])
{
    char epoch[UUID_TEXT_SIZE];
    char digest[44];
    uint8_t hash[32];
    uuid_text(&position->epoch, epoch);
    snprintf(ret_text, FILE_SIZE + 1, HEAD_FORMAT, epoch, (long long)position->head,
             (long long)position->log_size);
    writ_sha256(writ_slice_of(ret_text, BODY_SIZE), hash);
    writ_base64url_hash(hash, digest);
    snprintf(ret_text + BODY_SIZE, FILE_SIZE + 1 - BODY_SIZE, "sha256 %s\n", digest);
}

/* Whatever is there, it is ours only if printing what it says gives the same bytes. */
static bool parse(const char text[static FILE_SIZE + 1], struct mark_position *ret_position)
{
    char again[FILE_SIZE + 1];
    struct mark_position position = {0};
    if (!uuid_parse(writ_slice_of(text + EPOCH_AT, 36), &position.epoch))
        return false;
    position.head = strtoll(text + HEAD_AT, NULL, 10);
    position.log_size = strtoll(text + LOG_AT, NULL, 10);
    if (position.head < 0 || position.log_size < 0)
        return false;
    print(&position, again);
    if (memcmp(text, again, FILE_SIZE) != 0)
        return false;
    *ret_position = position;
    return true;
}

/* NOT_FOUND where there is none. */
static struct writ_result read_file(const char *path, struct mark_position *ret_position)
{
    static const char HELP[] = "restore no mark and edit none; if it can not be mended, move it "
                               "away and run `writd recover`";
    char text[FILE_SIZE + 1] = "";
    const struct writ_result read = store_read(path, (uint8_t *)text, FILE_SIZE);
    if (read.status == WRIT_NOT_FOUND || (writ_is_ok(read) && parse(text, ret_position)))
        return read;
    log_error("mark_refused", LOG_TEXT("path", path),
              LOG_TEXT("error", writ_is_ok(read) ? "torn, or not a mark" : "can not be read"),
              LOG_TEXT("help", HELP));
    return WRIT_FAILURE(INTERNAL);
}

/* Under the lock of the directory. Of two processes on one directory neither takes back what the
 * other has seen; and one that raises its epoch leaves alone a file that has moved to another. */
static struct writ_result replace_file(struct mark *mark, const struct mark_position *position)
{
    char text[FILE_SIZE + 1];
    struct mark_position found;
    const struct writ_result read = read_file(mark->path, &found);
    if (!writ_is_ok(read) && read.status != WRIT_NOT_FOUND)
        return read;
    const bool is_same = writ_is_ok(read) && uuid_equal(&found.epoch, &position->epoch);
    const bool has_moved = writ_is_ok(read) && mark->has_file && !is_same &&
                           uuid_equal(&position->epoch, &mark->file.epoch);
    if (has_moved || (is_same && found.head >= position->head))
        return WRIT_SUCCESS;
    print(position, text);
    return writ_is_ok(read) ? store_overwrite(mark->path, (const uint8_t *)text, FILE_SIZE)
                            : store_replace(mark->path, (const uint8_t *)text, FILE_SIZE);
}

static struct writ_result write_file(struct mark *mark, const struct mark_position *position)
{
    while (flock(mark->directory, LOCK_EX) != 0)
        continue; /* interrupted */
    const struct writ_result result = replace_file(mark, position);
    flock(mark->directory, LOCK_UN);
    if (writ_is_ok(result)) {
        mark->file = *position;
        mark->has_file = true;
    }
    return result;
}

/* ---- The mark ----------------------------------------------------------------------------- */

struct writ_result mark_open(const char *dir, struct mark **ret_mark)
{
    struct mark *mark = calloc(1, sizeof *mark);
    WRIT_ENSURE(mark, OUT_OF_MEMORY);
    pthread_mutex_init(&mark->lock, NULL);
    pthread_mutex_init(&mark->file_lock, NULL);
    atomic_store(&mark->is_kept, true);
    const int size = snprintf(mark->path, sizeof mark->path, "%s/mark", dir);
    mark->directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct writ_result result = WRIT_FAILURE(INTERNAL);
    if (mark->directory >= 0 && size > 0 && (size_t)size < sizeof mark->path)
        result = read_file(mark->path, &mark->file);
    else
        log_error("mark_refused", LOG_TEXT("path", dir), LOG_TEXT("error", "no such directory"));
    if (!writ_is_ok(result) && result.status != WRIT_NOT_FOUND) {
        mark_free(mark);
        return result;
    }
    mark->has_file = mark->has_seen = writ_is_ok(result);
    mark->seen = mark->file;
    *ret_mark = mark;
    return WRIT_SUCCESS;
}

struct mark *mark_free(struct mark *mark)
{
    if (!mark)
        return NULL;
    if (mark->directory >= 0)
        close(mark->directory);
    pthread_mutex_destroy(&mark->file_lock);
    pthread_mutex_destroy(&mark->lock);
    free(mark);
    return NULL;
}

bool mark_get(struct mark *mark, struct mark_position *ret_position)
{
    pthread_mutex_lock(&mark->lock);
    const bool has_seen = mark->has_seen;
    if (has_seen)
        *ret_position = mark->seen;
    pthread_mutex_unlock(&mark->lock);
    return has_seen;
}

/* All that was seen until now, whoever saw it: one write serves all who came before it. */
static struct writ_result keep(struct mark *mark)
{
    struct mark_position wanted = {0};
    struct writ_result result = WRIT_SUCCESS;
    pthread_mutex_lock(&mark->file_lock);
    const bool has_seen = mark_get(mark, &wanted);
    const bool is_there = mark->has_file && uuid_equal(&mark->file.epoch, &wanted.epoch) &&
                          mark->file.head >= wanted.head;
    if (has_seen && !is_there)
        result = write_file(mark, &wanted);
    atomic_store(&mark->is_kept, writ_is_ok(result));
    pthread_mutex_unlock(&mark->file_lock);
    return writ_is_ok(result) ? result : WRIT_FAILURE(STATUS_UNKNOWN);
}

struct writ_result mark_reach(struct mark *mark, const struct uuid *epoch, int64_t head)
{
    pthread_mutex_lock(&mark->lock);
    const bool is_same = mark->has_seen && uuid_equal(&mark->seen.epoch, epoch);
    if (is_same && mark->seen.head < head)
        mark->seen.head = head;
    pthread_mutex_unlock(&mark->lock);
    WRIT_ENSURE(is_same, STATUS_UNKNOWN);
    return keep(mark);
}

struct writ_result mark_follow(struct mark *mark, const struct mark_position *position)
{
    pthread_mutex_lock(&mark->lock);
    if (!mark->has_seen || !uuid_equal(&mark->seen.epoch, &position->epoch))
        mark->seen = *position;
    else if (mark->seen.head < position->head)
        mark->seen.head = position->head;
    mark->has_seen = true;
    pthread_mutex_unlock(&mark->lock);
    return keep(mark);
}

struct writ_result mark_settle(struct mark *mark)
{
    return keep(mark);
}

bool mark_is_kept(const struct mark *mark)
{
    return atomic_load(&mark->is_kept);
}

bool mark_is_behind(const struct mark *mark)
{
    return atomic_load_explicit(&mark->is_behind, memory_order_acquire);
}

bool mark_set_behind(struct mark *mark, bool is_behind)
{
    return atomic_exchange(&mark->is_behind, is_behind) != is_behind;
}
