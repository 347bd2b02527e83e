/* The life of a private cluster: killed, orphaned, moved. */
#include "scratch.h"
#include "suites.h"

#include "postgres/db.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t postmaster_of(const char *data_dir)
{
    char path[128];
    snprintf(path, sizeof path, "%s/pg/data/postmaster.pid", data_dir);
    FILE *file = fopen(path, "r");
    long id = 0;
    if (file && fscanf(file, "%ld", &id) != 1)
        id = 0;
    if (file)
        fclose(file);
    return (pid_t)id;
}

static bool answers(const struct cluster *wanted)
{
    struct db *db = NULL;
    const struct db_options options = {.conninfo = cluster_conninfo(wanted)};
    const bool opened = db_open(&options, &db) == DB_OK;
    db_close(db);
    return opened;
}

START_TEST(a_cluster_survives_what_happens_to_it)
{
    char own[] = "/tmp/writ-life-XXXXXX";
    struct cluster *held = NULL;
    ck_assert_ptr_nonnull(mkdtemp(own));

    /* a writd that is killed takes its cluster with it */
    const pid_t writd = fork();
    if (writd == 0) {
        if (!writ_is_ok(start_cluster(own, &held)))
            _exit(1);
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(writd, &status, 0);
    ck_assert(WIFSIGNALED(status));
    const pid_t orphan = postmaster_of(own);

    /* the next one starts while that is still ending, or after it */
    ck_assert(writ_is_ok(start_cluster(own, &held)));
    ck_assert(postmaster_of(own) != orphan);
    ck_assert(answers(held));

    /* one writd a data directory */
    struct cluster *second = NULL;
    ck_assert(!writ_is_ok(start_cluster(own, &second)));

    /* a postmaster that is killed comes back */
    const pid_t killed = postmaster_of(own);
    kill(killed, SIGKILL);
    bool is_back = false;
    for (int i = 0; i < 200 && !is_back; i++) {
        sleep_ms(50);
        is_back = postmaster_of(own) != killed && postmaster_of(own) != 0 && answers(held);
    }
    ck_assert(is_back);

    /* a clean stop leaves no process, and a stale file does not stop the next start */
    const pid_t last = postmaster_of(own);
    cluster_stop(held);
    ck_assert(kill(last, 0) != 0);
    char path[128];
    snprintf(path, sizeof path, "%s/pg/data/postmaster.pid", own);
    FILE *stale = fopen(path, "w");
    fprintf(stale, "%ld\n/nowhere\n", (long)getpid());
    fclose(stale);
    ck_assert(writ_is_ok(start_cluster(own, &held)));
    ck_assert(answers(held));
    cluster_stop(held);
    remove_tree(own);
}
END_TEST

START_TEST(a_long_path_gets_its_socket_elsewhere)
{
    char own[] = "/tmp/writ-long-XXXXXX";
    char deep[256];
    struct cluster *held = NULL;
    ck_assert_ptr_nonnull(mkdtemp(own));
    snprintf(deep, sizeof deep, "%s/%0100d", own, 0);
    ck_assert_int_eq(chmod(own, 0711), 0);
    ck_assert(writ_is_ok(start_cluster(deep, &held)));
    ck_assert(answers(held));
    cluster_stop(held);
    remove_tree(own);
}
END_TEST

START_TEST(a_path_that_postgres_can_not_enter_gets_a_link)
{
    char own[] = "/tmp/writ-deep-XXXXXX"; /* 0700, and root's */
    char deep[64];
    char path[96];
    char target[128] = "";
    struct cluster *held = NULL;
    ck_assert_ptr_nonnull(mkdtemp(own));
    snprintf(deep, sizeof deep, "%s/var", own);
    snprintf(path, sizeof path, "%s/pg", deep);
    for (int i = 0; i < 2; i++) { /* the second start follows the link of the first */
        ck_assert(writ_is_ok(start_cluster(deep, &held)));
        ck_assert(answers(held));
        held = cluster_stop(held);
    }
    const ssize_t size = readlink(path, target, sizeof target - 1);
    ck_assert_int_eq(size > 0, geteuid() == 0);
    if (size > 0)
        remove_tree(target);
    remove_tree(own);
}
END_TEST

Suite *suite_cluster(void)
{
    TCase *life = tcase_create("life");
    tcase_set_timeout(life, 180);
    tcase_add_test(life, a_cluster_survives_what_happens_to_it);
    tcase_add_test(life, a_long_path_gets_its_socket_elsewhere);
    tcase_add_test(life, a_path_that_postgres_can_not_enter_gets_a_link);
    return suite_of("cluster", life);
}
