#include "scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

void remove_tree(const char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    ck_assert_int_eq(system(command), 0);
}

struct writ_result start_cluster(const char *data_dir, struct cluster **ret_cluster)
{
    const struct cluster_options options = {.data_dir = data_dir, .sessions = 20};
    return cluster_start(&options, ret_cluster);
}
