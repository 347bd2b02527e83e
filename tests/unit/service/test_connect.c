/* Which hosts of a conninfo are asked, in which order, and for how long. */
#include "suites.h"

#include "clock.h"
#include "postgres/connect.h"

#include <stdio.h>
#include <string.h>

/* Writes down whom it is asked to try, and lets the nth of them have what is wanted. */
struct trial {
    char asked[512];
    int count;
    int good; /* 0: none */
    int64_t begun_us;
    int64_t shares_us[8];
};

static bool try_one(void *context, const struct connect_place *place, int64_t deadline_us)
{
    struct trial *trial = context;
    const size_t used = strlen(trial->asked);
    if (place)
        snprintf(trial->asked + used, sizeof trial->asked - used, "%s|%s|%s|%s ", place->host,
                 place->hostaddr, place->port, place->attributes ? place->attributes : "");
    else
        snprintf(trial->asked + used, sizeof trial->asked - used, "as it is ");
    trial->shares_us[trial->count++] = deadline_us - trial->begun_us;
    return trial->count == trial->good;
}

static const struct connect_lists NONE = {"", "", "", ""};
enum { PATIENCE_US = 60 * 1000 * 1000 };

static bool ask(struct trial *trial, struct connect_lists lists)
{
    trial->begun_us = clock_monotonic_us();
    return connect_any(&lists, trial->begun_us + PATIENCE_US, try_one, trial);
}

START_TEST(asks_hosts_in_their_order_until_one_is_good)
{
    struct trial trial = {.good = 2};
    struct connect_lists lists = NONE;
    lists.host = "a,b,c";
    lists.port = "1,2,3";
    ck_assert(ask(&trial, lists));
    ck_assert_str_eq(trial.asked, "a||1| b||2| ");

    trial = (struct trial){.good = 0};
    lists.hostaddr = "10.0.0.1,10.0.0.2,10.0.0.3";
    lists.port = "5433";
    ck_assert(!ask(&trial, lists));
    ck_assert_str_eq(trial.asked, "a|10.0.0.1|5433| b|10.0.0.2|5433| c|10.0.0.3|5433| ");

    trial = (struct trial){.good = 0};
    lists.port = ",,"; /* of postgresql://a,b,c/ */
    ck_assert(!ask(&trial, lists));
    ck_assert_str_eq(trial.asked, "a|10.0.0.1|| b|10.0.0.2|| c|10.0.0.3|| ");
}
END_TEST

START_TEST(gives_each_host_its_share_of_the_time_that_is_left)
{
    struct trial trial = {.good = 0};
    struct connect_lists lists = NONE;
    lists.host = "a,b,c";
    ck_assert(!ask(&trial, lists));
    /* Those that fail at once leave theirs to the next. */
    ck_assert_int_eq(trial.shares_us[0] / 1000000, PATIENCE_US / 3 / 1000000);
    ck_assert_int_ge(trial.shares_us[1], PATIENCE_US / 2 - 1000000);
    ck_assert_int_ge(trial.shares_us[2], PATIENCE_US - 1000000);
    ck_assert_int_le(trial.shares_us[2], PATIENCE_US);
}
END_TEST

START_TEST(prefers_a_standby_by_asking_all_of_them_twice)
{
    struct trial trial = {.good = 0};
    struct connect_lists lists = NONE;
    lists.host = "a,b";
    lists.attributes = "prefer-standby";
    ck_assert(!ask(&trial, lists));
    ck_assert_str_eq(trial.asked, "a|||standby b|||standby a|||any b|||any ");
}
END_TEST

START_TEST(leaves_to_libpq_what_is_one_host_or_no_list_of_them)
{
    static const struct connect_lists LISTS[] = {
        {"", "", "", ""},
        {"a", "", "", ""},
        {"a", "10.0.0.1", "5432", "read-write"},
        {"a,b", "10.0.0.1,10.0.0.2,10.0.0.3", "", ""},
        {"a,b,c", "", "1,2", ""},
        {"a,b,c", "", "1,,3", ""},
        {"a,,c", "", "", ""},
        {"a,b", "10.0.0.1,", "", ""},
        {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "", "", ""},
    };
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        struct trial trial = {.good = 1};
        ck_assert(ask(&trial, LISTS[i]));
        ck_assert_str_eq(trial.asked, "as it is ");
    }
}
END_TEST

START_TEST(lets_the_url_win_over_the_defaults_and_one_place_over_the_url)
{
    static const struct connect_place PLACE = {.host = "b", .port = "7", .attributes = "any"};
    const char *names[CONNECT_SETTINGS_MAX];
    const char *values[CONNECT_SETTINGS_MAX];
    char all[512] = "";
    connect_settings("postgresql://a,b/writ", &PLACE, names, values);
    for (size_t i = 0; names[i]; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s=%s ", names[i], values[i]);
    ck_assert_ptr_nonnull(strstr(all, "application_name=writd "));
    ck_assert_ptr_nonnull(
        strstr(all, "dbname=postgresql://a,b/writ host=b port=7 target_session_attrs=any "));
    static const struct connect_place NO_PORT = {.host = "b"};
    connect_settings("postgresql://a,b/writ", &NO_PORT, names, values);
    size_t last = 0;
    while (names[last + 1])
        last++;
    ck_assert_str_eq(names[last], "port"); /* or that of the URL, which is a list, would stay */
    ck_assert_str_eq(values[last], "5432");
    connect_settings("service=writ", NULL, names, values);
    size_t count = 0;
    while (names[count])
        count++;
    ck_assert_str_eq(names[count - 1], "dbname");
}
END_TEST

Suite *suite_connect(void)
{
    TCase *tests = tcase_create("connect");
    tcase_add_test(tests, asks_hosts_in_their_order_until_one_is_good);
    tcase_add_test(tests, gives_each_host_its_share_of_the_time_that_is_left);
    tcase_add_test(tests, prefers_a_standby_by_asking_all_of_them_twice);
    tcase_add_test(tests, leaves_to_libpq_what_is_one_host_or_no_list_of_them);
    tcase_add_test(tests, lets_the_url_win_over_the_defaults_and_one_place_over_the_url);
    return suite_of("connect", tests);
}
