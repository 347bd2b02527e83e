/* The high-water mark: what is in the file, what it survives, and what is refused. */
#include "suites.h"

#include "ledger/mark.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 157 };

static const struct uuid FIRST = {{1}};
static const struct uuid SECOND = {{2}};

static char directory[32];
static char path[64];

static void start(void)
{
    snprintf(directory, sizeof directory, "/tmp/writ-mark-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/mark", directory);
}

static void stop(void)
{
    unlink(path);
    rmdir(path);
    ck_assert_int_eq(rmdir(directory), 0); /* and nothing else was left there */
}

static struct mark *must_open(void)
{
    struct mark *mark = NULL;
    ck_assert(writ_is_ok(mark_open(directory, &mark)));
    return mark;
}

static void refuses_to_open(void)
{
    struct mark *mark = NULL;
    ck_assert(!writ_is_ok(mark_open(directory, &mark)));
    ck_assert_ptr_null(mark);
}

static void follow(struct mark *mark, const struct uuid *epoch, int64_t head)
{
    const struct mark_position position = {.epoch = *epoch, .head = head};
    ck_assert(writ_is_ok(mark_follow(mark, &position)));
}

/* What a start would find. */
static void expect_file(const struct uuid *epoch, int64_t head)
{
    struct mark_position found;
    struct mark *mark = must_open();
    ck_assert(mark_get(mark, &found));
    ck_assert(uuid_equal(&found.epoch, epoch));
    ck_assert_int_eq(found.head, head);
    mark_free(mark);
}

static void read_bytes(char ret_text[static SIZE + 1])
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(ret_text, 1, SIZE + 1, file), SIZE);
    fclose(file);
}

static void write_bytes(const char *text, size_t size)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    fclose(file);
}

START_TEST(a_new_service_has_seen_nothing)
{
    struct mark_position found;
    struct mark *mark = must_open();
    ck_assert(!mark_get(mark, &found));
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert(mark_is_kept(mark) && !mark_is_behind(mark));
    ck_assert(!writ_is_ok(mark_reach(mark, &FIRST, 1)));
    ck_assert_int_ne(access(path, F_OK), 0);
    mark_free(mark);
}
END_TEST

START_TEST(what_was_reached_is_in_the_file_and_never_goes_back)
{
    struct stat about;
    struct mark *mark = must_open();
    follow(mark, &FIRST, 7);
    expect_file(&FIRST, 7);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 07777, 0600);
    ck_assert(writ_is_ok(mark_reach(mark, &FIRST, 9)));
    expect_file(&FIRST, 9);
    ck_assert(writ_is_ok(mark_reach(mark, &FIRST, 8)));
    follow(mark, &FIRST, 3);
    expect_file(&FIRST, 9);
    mark_free(mark);
}
END_TEST

START_TEST(only_who_asked_the_database_moves_it_to_another_epoch)
{
    struct mark *mark = must_open();
    follow(mark, &FIRST, 7);
    ck_assert_int_eq(mark_reach(mark, &SECOND, 9).status, WRIT_STATUS_UNKNOWN);
    expect_file(&FIRST, 7);
    follow(mark, &SECOND, 2); /* a recovered database has fewer */
    expect_file(&SECOND, 2);
    ck_assert_int_eq(mark_reach(mark, &FIRST, 9).status, WRIT_STATUS_UNKNOWN);
    expect_file(&SECOND, 2);
    mark_free(mark);
}
END_TEST

START_TEST(two_processes_on_one_directory_take_nothing_back)
{
    struct mark *one = must_open();
    follow(one, &FIRST, 7);
    struct mark *other = must_open();
    follow(other, &FIRST, 20);
    ck_assert(writ_is_ok(mark_reach(one, &FIRST, 9)));
    expect_file(&FIRST, 20);
    /* The other one is `writd recover`: a late answer does not undo it. */
    follow(other, &SECOND, 21);
    ck_assert(writ_is_ok(mark_reach(one, &FIRST, 10)));
    expect_file(&SECOND, 21);
    follow(one, &SECOND, 22);
    expect_file(&SECOND, 22);
    mark_free(one);
    mark_free(other);
}
END_TEST

START_TEST(a_torn_empty_or_foreign_file_is_refused)
{
    char good[SIZE + 1];
    char bad[SIZE + 1];
    struct mark *mark = must_open();
    follow(mark, &FIRST, 1234567);
    mark_free(mark);
    read_bytes(good);
    for (size_t size = 0; size < SIZE; size++) { /* torn anywhere */
        write_bytes(good, size);
        refuses_to_open();
    }
    for (size_t i = 0; i < SIZE; i++) { /* one byte is another */
        memcpy(bad, good, SIZE);
        bad[i] = bad[i] == '1' ? '0' : '1';
        write_bytes(bad, SIZE);
        refuses_to_open();
    }
    memset(bad, 0, SIZE);
    write_bytes(bad, SIZE);
    refuses_to_open();
    memcpy(bad, good, SIZE);
    bad[SIZE] = '\n';
    write_bytes(bad, SIZE + 1);
    refuses_to_open();
    write_bytes(good, SIZE);
    expect_file(&FIRST, 1234567);
}
END_TEST

START_TEST(a_file_that_is_not_ours_alone_is_refused)
{
    struct mark *mark = must_open();
    follow(mark, &FIRST, 1);
    ck_assert_int_eq(chmod(path, 0644), 0);
    refuses_to_open();
    unlink(path);
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    refuses_to_open();
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    refuses_to_open();
    mark_free(mark);
}
END_TEST

START_TEST(what_can_not_be_written_is_not_reached_until_it_can)
{
    struct mark *mark = must_open();
    follow(mark, &FIRST, 1);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(mark_reach(mark, &FIRST, 2).status, WRIT_STATUS_UNKNOWN);
    ck_assert(!mark_is_kept(mark));
    ck_assert_int_eq(mark_settle(mark).status, WRIT_STATUS_UNKNOWN);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert(writ_is_ok(mark_settle(mark)));
    ck_assert(mark_is_kept(mark));
    expect_file(&FIRST, 2);
    mark_free(mark);
}
END_TEST

struct worker {
    struct mark *mark;
    pthread_t thread;
    int64_t first;
    bool held;
};

enum { WORKERS = 8, NUMBERS = 40 };

static int64_t head_in_file(void)
{
    char text[SIZE + 1] = "";
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const bool whole = file >= 0 && read(file, text, sizeof text) == SIZE;
    if (file >= 0)
        close(file);
    return whole ? strtoll(strstr(text, "head ") + 5, NULL, 10) : -1;
}

static void *reach_some(void *context)
{
    struct worker *worker = context;
    worker->held = true;
    for (int64_t i = 0; i < NUMBERS; i++) {
        const int64_t number = worker->first + i * WORKERS;
        const bool reached = writ_is_ok(mark_reach(worker->mark, &FIRST, number));
        worker->held = worker->held && reached && head_in_file() >= number;
    }
    return NULL;
}

START_TEST(each_of_many_at_once_finds_its_number_in_the_file)
{
    struct worker workers[WORKERS];
    struct mark *mark = must_open();
    follow(mark, &FIRST, 0);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.mark = mark, .first = i + 1};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, reach_some, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert(workers[i].held);
    }
    expect_file(&FIRST, WORKERS * NUMBERS);
    mark_free(mark);
}
END_TEST

Suite *suite_mark(void)
{
    TCase *tests = tcase_create("mark");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_new_service_has_seen_nothing);
    tcase_add_test(tests, what_was_reached_is_in_the_file_and_never_goes_back);
    tcase_add_test(tests, only_who_asked_the_database_moves_it_to_another_epoch);
    tcase_add_test(tests, two_processes_on_one_directory_take_nothing_back);
    tcase_add_test(tests, a_torn_empty_or_foreign_file_is_refused);
    tcase_add_test(tests, a_file_that_is_not_ours_alone_is_refused);
    tcase_add_test(tests, what_can_not_be_written_is_not_reached_until_it_can);
    tcase_add_test(tests, each_of_many_at_once_finds_its_number_in_the_file);
    return suite_of("mark", tests);
}
