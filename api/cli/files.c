#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum cli_exit read_all(struct cli *cli, int descriptor, const char *path,
                              struct writ_slice *ret_bytes)
{
    size_t capacity = 65536, size = 0;
    uint8_t *bytes = cli_must(writ_arena_alloc(&cli->arena, capacity));
    for (;;) {
        const ssize_t got = read(descriptor, bytes + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cli_fail(cli, "%s: %s", path, strerror(errno));
        if (got == 0)
            break;
        size += (size_t)got;
        if (size < capacity)
            continue;
        if (capacity >= FILES_SIZE_MAX)
            return cli_fail(cli, "%s is larger than %d bytes", path, (int)FILES_SIZE_MAX);
        uint8_t *more = cli_must(writ_arena_alloc(&cli->arena, capacity * 2));
        memcpy(more, bytes, size);
        bytes = more;
        capacity *= 2;
    }
    *ret_bytes = writ_slice_of(bytes, size);
    return CLI_DONE;
}

enum cli_exit files_read(struct cli *cli, const char *path, struct writ_slice *ret_bytes)
{
    if (strcmp(path, "-") == 0)
        return read_all(cli, STDIN_FILENO, "stdin", ret_bytes);
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return cli_fail(cli, "%s: %s", path, strerror(errno));
    const enum cli_exit done = read_all(cli, descriptor, path, ret_bytes);
    close(descriptor);
    return done;
}

enum cli_exit files_read_text(struct cli *cli, const char *text, struct writ_slice *ret_bytes)
{
    struct writ_slice bytes = writ_slice_text(text);
    if (*text == '@')
        CLI_TRY(files_read(cli, text + 1, &bytes));
    while (bytes.size > 0 && strchr(" \t\r\n", bytes.data[bytes.size - 1]))
        bytes.size--;
    *ret_bytes = bytes;
    return CLI_DONE;
}

enum cli_exit files_parse(struct cli *cli, struct writ_slice text, const char *what,
                          const struct writ_json **ret_json)
{
    const struct writ_result parsed = writ_json_parse(&cli->arena, text, ret_json);
    if (!writ_is_ok(parsed))
        return cli_fail(cli, "%s is no JSON that can be used: %s", what,
                        writ_status_code(parsed.status));
    return CLI_DONE;
}

enum cli_exit files_read_json(struct cli *cli, const char *path, const struct writ_json **ret_json)
{
    struct writ_slice text = WRIT_SLICE_NONE;
    CLI_TRY(files_read(cli, path, &text));
    return files_parse(cli, text, path, ret_json);
}

bool files_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static enum cli_exit make_directories(struct cli *cli, const char *path)
{
    char *part = cli_must(writ_arena_text(&cli->arena, writ_slice_text(path)));
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return cli_fail(cli, "%s: %s", part, strerror(errno));
        *slash = '/';
    }
    return CLI_DONE;
}

static bool write_all(int descriptor, struct writ_slice bytes)
{
    while (bytes.size > 0) {
        const ssize_t put = write(descriptor, bytes.data, bytes.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes = writ_slice_of(bytes.data + put, bytes.size - (size_t)put);
    }
    return fsync(descriptor) == 0;
}

enum cli_exit files_write(struct cli *cli, const char *path, struct writ_slice bytes, bool fresh)
{
    CLI_TRY(make_directories(cli, path));
    char *beside = cli_must(writ_arena_printf(&cli->arena, "%s.%ld.new", path, (long)getpid()));
    const int descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return cli_fail(cli, "%s: %s", beside, strerror(errno));
    bool done = write_all(descriptor, bytes);
    done = close(descriptor) == 0 && done;
    if (done && fresh)
        done = link(beside, path) == 0; /* fails where the path exists */
    else if (done)
        done = rename(beside, path) == 0;
    const int error = errno;
    if (!done || fresh)
        unlink(beside);
    return done ? CLI_DONE : cli_fail(cli, "%s: %s", path, strerror(error));
}
