#include "postgres/binaries.h"

#include "log.h"
#include "postgres/process.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const PLACES[] = {
    "/usr/lib/postgresql/*/bin", /* Debian */
    "/usr/pgsql-*/bin",          /* PGDG on Red Hat */
    "/usr/local/pgsql/bin",      /* from source */
    "/usr/libexec/postgresql*",  /* Alpine */
    "/usr/bin",
};

struct best {
    int wanted_major;
    int major;
    char directory[PATH_MAX];
};

static bool has_program(const char *directory, const char *name, char ret_path[static PATH_MAX])
{
    const int size = snprintf(ret_path, PATH_MAX, "%s/%s", directory, name);
    return size > 0 && size < PATH_MAX && access(ret_path, X_OK) == 0;
}

/* "postgres (PostgreSQL) 15.20 (Debian …)": 15. 0 where there is none. */
static int major_of(const char *directory)
{
    char path[PATH_MAX];
    char version_flag[] = "--version";
    char text[256];
    if (!has_program(directory, "initdb", path) || !has_program(directory, "postgres", path))
        return 0;
    char *const argv[] = {path, version_flag, NULL};
    if (!process_read(argv, text, sizeof text))
        return 0;
    const char *number = strstr(text, ") ");
    return number ? (int)strtol(number + 2, NULL, 10) : 0;
}

static void consider(struct best *best, const char *directory)
{
    const int major = major_of(directory);
    const bool fits = best->wanted_major ? major == best->wanted_major
                                         : major >= BINARIES_OLDEST_MAJOR;
    if (!fits || major <= best->major)
        return;
    best->major = major;
    snprintf(best->directory, sizeof best->directory, "%s", directory);
}

static void consider_pg_config(struct best *best)
{
    char program[] = "/usr/bin/pg_config";
    char flag[] = "--bindir";
    char text[PATH_MAX];
    char *const argv[] = {program, flag, NULL};
    if (access(program, X_OK) != 0 || !process_read(argv, text, sizeof text))
        return;
    text[strcspn(text, "\n")] = 0;
    consider(best, text);
}

static void consider_places(struct best *best)
{
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        glob_t found;
        if (glob(PLACES[i], 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++)
            consider(best, found.gl_pathv[j]);
        globfree(&found);
    }
}

struct writ_result binaries_find(const char *given, int wanted_major,
                                 char ret_directory[static PATH_MAX])
{
    struct best best = {.wanted_major = wanted_major};
    if (given) {
        consider(&best, given);
    } else {
        consider_pg_config(&best);
        consider_places(&best);
    }
    if (best.major == 0) {
        log_error("postgres_not_found", LOG_TEXT("postgres_bin", given ? given : "(searched)"),
                  LOG_INT("major_of_the_data", wanted_major),
                  LOG_TEXT("error", "needs initdb and postgres 15 or later, of the data's version: "
                                    "install postgresql, or give --postgres-bin or --database"));
        return WRIT_FAILURE(INTERNAL);
    }
    snprintf(ret_directory, PATH_MAX, "%s", best.directory);
    return WRIT_SUCCESS;
}
