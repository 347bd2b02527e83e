#include "postgres/place.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LOG_KEPT_BYTES = 16 << 20 };

static const char ELSEWHERE[] = "/var/lib/writ";
static const char SOCKET_NAME[] = "/.s.PGSQL.5432.lock"; /* the longest name in the directory */

static struct writ_result fail(const char *path, const char *why)
{
    log_error("cluster_place_refused", LOG_TEXT("path", path), LOG_TEXT("error", why));
    return WRIT_FAILURE(INTERNAL);
}

static bool make_directory(const char *path, mode_t mode)
{
    return mkdir(path, mode) == 0 || errno == EEXIST;
}

static struct writ_result take_lock(const char *data_dir, int *ret_lock)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/writd.lock", data_dir) >= (int)sizeof path)
        return fail(data_dir, "the path is too long");
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return fail(path, strerror(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        close(lock);
        return error == EWOULDBLOCK ? WRIT_FAILURE(CONFLICT) : fail(path, strerror(error));
    }
    *ret_lock = lock;
    return WRIT_SUCCESS;
}

static bool own(const struct place *place, const char *path)
{
    if (place->user.is_other && chown(path, place->user.uid, place->user.gid) != 0)
        return false;
    return chmod(path, 0700) == 0;
}

/* A directory that the cluster's user can get to, with a link to it from where it was expected. */
static struct writ_result move_elsewhere(const struct place *place, const char *link_path)
{
    char path[] = "/var/lib/writ/pg-XXXXXX";
    if (!make_directory(ELSEWHERE, 0711) || !mkdtemp(path) || !own(place, path))
        return fail(ELSEWHERE, strerror(errno));
    if (rmdir(link_path) != 0 || symlink(path, link_path) != 0)
        return fail(link_path, strerror(errno));
    log_warn("cluster_elsewhere", LOG_TEXT("path", path), LOG_TEXT("link", link_path),
             LOG_TEXT("reason", "the user of PostgreSQL can not enter the data directory"));
    return WRIT_SUCCESS;
}

static struct writ_result find_base(const char *data_dir, struct place *place)
{
    char expected[PATH_MAX];
    struct stat about;
    if (snprintf(expected, sizeof expected, "%s/pg", data_dir) >= (int)sizeof expected)
        return fail(data_dir, "the path is too long");
    /* Others may pass through, and read nothing: each file of ours is 0600. */
    if (place->user.is_other && stat(data_dir, &about) == 0)
        chmod(data_dir, (about.st_mode & 07777) | 0011);
    /* Resolved first: it may be a link that an earlier start left. */
    if (!make_directory(expected, 0700) || !own(place, expected) ||
        !realpath(expected, place->base))
        return fail(expected, strerror(errno));
    if (!process_can_enter(&place->user, place->base)) {
        WRIT_TRY(move_elsewhere(place, expected));
        if (!realpath(expected, place->base))
            return fail(expected, strerror(errno));
    }
    if (!process_can_enter(&place->user, place->base))
        return fail(place->base, "the user of PostgreSQL can not enter it");
    return WRIT_SUCCESS;
}

static struct writ_result find_socket(struct place *place)
{
    const size_t limit = sizeof((struct sockaddr_un *)NULL)->sun_path;
    snprintf(place->socket, sizeof place->socket, "%s/socket", place->base);
    if (strlen(place->socket) + sizeof SOCKET_NAME <= limit) {
        if (!make_directory(place->socket, 0700) || !own(place, place->socket))
            return fail(place->socket, strerror(errno));
        return WRIT_SUCCESS;
    }
    const char *parent = geteuid() == 0 ? "/run" : "/tmp";
    snprintf(place->socket, sizeof place->socket, "%s/writ-XXXXXX", parent);
    if (!mkdtemp(place->socket) || !own(place, place->socket))
        return fail(place->socket, strerror(errno));
    place->socket_is_temporary = true;
    log_info("cluster_socket_elsewhere", LOG_TEXT("path", place->socket),
             LOG_TEXT("reason", "the path of the data directory is too long for a unix socket"));
    return WRIT_SUCCESS;
}

/* One old log is kept; nothing grows without bound over restarts. */
static void turn_log(const struct place *place)
{
    char old[PATH_MAX + 32];
    struct stat about;
    if (stat(place->log, &about) != 0 || about.st_size < LOG_KEPT_BYTES)
        return;
    snprintf(old, sizeof old, "%s.old", place->log);
    rename(place->log, old);
}

static void name_files(struct place *place)
{
    snprintf(place->data, sizeof place->data, "%s/data", place->base);
    snprintf(place->fresh, sizeof place->fresh, "%s/data.new", place->base);
    snprintf(place->log, sizeof place->log, "%s/postgres.log", place->base);
}

struct writ_result place_open(const char *data_dir, const char *user_name, struct place *ret_place)
{
    struct place *place = ret_place;
    *place = (struct place){.lock = -1};
    WRIT_TRY(process_find_user(user_name, &place->user));
    if (!make_directory(data_dir, 0700))
        return fail(data_dir, strerror(errno));
    WRIT_TRY(take_lock(data_dir, &place->lock));
    WRIT_TRY(find_base(data_dir, place));
    name_files(place);
    turn_log(place);
    return find_socket(place);
}

struct writ_result place_join(const char *data_dir, struct place *ret_place)
{
    struct place *place = ret_place;
    char path[PATH_MAX + 32];
    *place = (struct place){.lock = -1};
    if (snprintf(path, PATH_MAX, "%s/pg", data_dir) >= PATH_MAX || !realpath(path, place->base))
        return fail(data_dir, "the writd that uses it has no cluster there yet");
    name_files(place);
    /* The fifth line of PostgreSQL's own file; the socket may be elsewhere. */
    snprintf(path, sizeof path, "%s/postmaster.pid", place->data);
    FILE *file = fopen(path, "re");
    char *end = NULL;
    for (int line = 0; file && line < 5; line++)
        end = fgets(place->socket, sizeof place->socket, file);
    if (end)
        place->socket[strcspn(place->socket, "\n")] = 0;
    if (file)
        fclose(file);
    return end && place->socket[0] == '/' ? WRIT_SUCCESS : fail(path, "says no socket");
}

void place_close(struct place *place)
{
    if (place->socket_is_temporary)
        rmdir(place->socket);
    if (place->lock >= 0)
        close(place->lock);
    place->lock = -1;
}

int place_major(const struct place *place)
{
    char path[PATH_MAX + 32];
    char text[16] = "";
    snprintf(path, sizeof path, "%s/PG_VERSION", place->data);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    const ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    return size > 0 ? (int)strtol(text, NULL, 10) : 0;
}
