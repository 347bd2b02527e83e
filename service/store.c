#include "store.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct writ_result refuse(const char *path, const char *why)
{
    log_error("file_refused", LOG_TEXT("path", path), LOG_TEXT("error", why));
    return WRIT_FAILURE(INTERNAL);
}

/* NULL when the file may be trusted as a secret. */
static const char *find_fault(int file, size_t size)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return strerror(errno);
    if (!S_ISREG(about.st_mode))
        return "not a regular file";
    if ((about.st_mode & 077) != 0)
        return "others can read it: chmod 600, and consider a key in it known";
    if (about.st_uid != geteuid())
        return "belongs to another user";
    if (about.st_size != (off_t)size)
        return "has the wrong size";
    return NULL;
}

struct writ_result store_read(const char *path, uint8_t *ret_bytes, size_t size)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT ? WRIT_FAILURE(NOT_FOUND) : refuse(path, strerror(errno));
    const char *fault = find_fault(file, size);
    if (!fault && read(file, ret_bytes, size) != (ssize_t)size)
        fault = "can not be read";
    close(file);
    return fault ? refuse(path, fault) : WRIT_SUCCESS;
}

static bool sync_directory_of(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    const int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return false;
    const bool synced = fsync(directory) == 0;
    close(directory);
    return synced;
}

static bool write_whole(const char *path, const uint8_t *bytes, size_t size)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    const bool written = write(file, bytes, size) == (ssize_t)size && fsync(file) == 0;
    return close(file) == 0 && written;
}

/* Written whole under a name of this process, from where it is put into its place. */
static struct writ_result write_beside(const char *path, const uint8_t *bytes, size_t size,
                                       char ret_beside[static PATH_MAX])
{
    const int length = snprintf(ret_beside, PATH_MAX, "%s.%ld.new", path, (long)getpid());
    if (length < 0 || length >= PATH_MAX)
        return refuse(path, "the path is too long");
    unlink(ret_beside);
    if (write_whole(ret_beside, bytes, size))
        return WRIT_SUCCESS;
    const int error = errno;
    unlink(ret_beside);
    return refuse(path, strerror(error));
}

struct writ_result store_create(const char *path, const uint8_t *bytes, size_t size)
{
    /* Linked: link never replaces, so that of two processes that start together one makes the key
     * and the other reads it, and no half file is ever seen. */
    char beside[PATH_MAX];
    WRIT_TRY(write_beside(path, bytes, size, beside));
    const bool linked = link(beside, path) == 0;
    const int error = errno;
    unlink(beside);
    if (!linked)
        return error == EEXIST ? WRIT_FAILURE(CONFLICT) : refuse(path, strerror(error));
    return sync_directory_of(path) ? WRIT_SUCCESS : refuse(path, "can not be made durable");
}

struct writ_result store_replace(const char *path, const uint8_t *bytes, size_t size)
{
    char beside[PATH_MAX];
    WRIT_TRY(write_beside(path, bytes, size, beside));
    if (rename(beside, path) != 0) {
        const int error = errno;
        unlink(beside);
        return refuse(path, strerror(error));
    }
    return sync_directory_of(path) ? WRIT_SUCCESS : refuse(path, "can not be made durable");
}

struct writ_result store_overwrite(const char *path, const uint8_t *bytes, size_t size)
{
    enum { SECTOR_BYTES = 512 };
    WRIT_ENSURE(size <= SECTOR_BYTES, INTERNAL);
    const int file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return refuse(path, strerror(errno));
    const char *fault = find_fault(file, size);
    if (!fault && (pwrite(file, bytes, size, 0) != (ssize_t)size || fdatasync(file) != 0))
        fault = strerror(errno);
    close(file);
    return fault ? refuse(path, fault) : WRIT_SUCCESS;
}
