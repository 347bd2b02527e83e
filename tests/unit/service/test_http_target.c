/* Decoding of targets, and the router, without a socket. */
#include "suites.h"

#include "http/router.h"
#include "http/target.h"

#include <stdio.h>
#include <string.h>

static struct writ_arena arena;
static struct target target;

static void start(void)
{
    writ_arena_init(&arena, 0);
}

static void stop(void)
{
    writ_arena_done(&arena);
}

static bool parses(const char *raw)
{
    return writ_is_ok(target_parse(&arena, writ_slice_text(raw), &target));
}

START_TEST(paths_are_split_before_they_are_decoded)
{
    struct writ_slice text;
    ck_assert(parses("/a/b%2Fc/?x=1&y=%C3%BC+z&w&="));
    ck_assert_str_eq(target.path, "/a/b%2Fc/");
    ck_assert_uint_eq(target.segment_count, 3);
    ck_assert_uint_eq(target.segments[2].size, 0);
    ck_assert(writ_is_ok(target_decode_segment(&arena, target.segments[1], &text)));
    ck_assert(writ_slice_is(text, "b/c"));
    ck_assert_uint_eq(target.query_count, 4);
    ck_assert(writ_slice_is(target.query[1].value, "ü z"));
    ck_assert_uint_eq(target.query[2].value.size, 0);
    ck_assert(parses("/"));
    ck_assert_uint_eq(target.segment_count, 0);
    ck_assert(parses("//"));
    ck_assert_uint_eq(target.segment_count, 2);
}
END_TEST

static const char *const BROKEN[] = {
    "",
    "a",
    "*",
    "http://x/",
    "/?a=%",
    "/?a=%1",
    "/?a=%g0",
    "/?a=%00",
    "/?a=1&a=2",
    "/a#b",
    "/a b",
    "/\x80",
    "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
};

START_TEST(a_broken_target_is_refused)
{
    ck_assert_msg(!parses(BROKEN[_i]), "%s", BROKEN[_i]);
}
END_TEST

START_TEST(a_broken_segment_is_refused)
{
    static const char *const SEGMENTS[] = {"", "%", "%0", "%zz", "%00", "%0a", "%7f", "a%1F"};
    struct writ_slice text;
    for (size_t i = 0; i < sizeof SEGMENTS / sizeof SEGMENTS[0]; i++)
        ck_assert(!writ_is_ok(target_decode_segment(&arena, writ_slice_text(SEGMENTS[i]), &text)));
}
END_TEST

static void nothing(struct http_request *request, void *context)
{
    (void)request;
    (void)context;
}

static const struct http_route ROUTES[] = {
    {"GET", "/v1/tasks", nothing, 0, 0},
    {"POST", "/v1/tasks", nothing, 0, 0},
    {"GET", "/v1/tasks/mine", nothing, 0, 0},
    {"GET", "/v1/tasks/{task}", nothing, 0, 0},
    {"POST", "/v1/tasks/{task}/complete", nothing, 0, 0},
    {"GET", "/console/", nothing, 0, 0},
};

static int find(const char *method, const char *path, char ret_allow[static ROUTER_ALLOW_SIZE])
{
    const struct router router = {ROUTES, sizeof ROUTES / sizeof ROUTES[0]};
    ck_assert(parses(path));
    const struct http_route *route = router_find(&router, method, &target, ret_allow);
    return route ? (int)(route - ROUTES) : -1;
}

START_TEST(the_first_route_that_matches_wins)
{
    char allow[ROUTER_ALLOW_SIZE];
    ck_assert_int_eq(find("GET", "/v1/tasks", allow), 0);
    ck_assert_int_eq(find("POST", "/v1/tasks", allow), 1);
    ck_assert_int_eq(find("GET", "/v1/tasks/mine", allow), 2);
    ck_assert_int_eq(find("GET", "/v1/tasks/yours?x", allow), 3);
    ck_assert(writ_slice_is(router_segment(&ROUTES[3], &target, "task"), "yours"));
    ck_assert_int_eq(find("POST", "/v1/tasks/t/complete", allow), 4);
    ck_assert(writ_slice_is(router_segment(&ROUTES[4], &target, "task"), "t"));
    ck_assert_ptr_null(router_segment(&ROUTES[4], &target, "other").data);
    ck_assert_int_eq(find("HEAD", "/console/", allow), 5);
}
END_TEST

START_TEST(no_route_says_which_methods_there_are)
{
    char allow[ROUTER_ALLOW_SIZE];
    ck_assert_int_eq(find("DELETE", "/v1/tasks", allow), -1);
    ck_assert_str_eq(allow, "GET, HEAD, POST");
    ck_assert_int_eq(find("HEAD", "/v1/tasks/t/complete", allow), -1);
    ck_assert_str_eq(allow, "POST");
    static const char *const UNKNOWN[] = {"/",          "/v1",          "/v1/tasks/",
                                          "/v1//tasks", "/v1/tasks/t/", "/v1/tasks/t/complete/x",
                                          "/console",   "/V1/tasks",    "/v1/tasks//complete"};
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++) {
        ck_assert_msg(find("GET", UNKNOWN[i], allow) == -1, "%s", UNKNOWN[i]);
        ck_assert_str_eq(allow, "");
    }
}
END_TEST

Suite *suite_http_target(void)
{
    TCase *tests = tcase_create("target");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, paths_are_split_before_they_are_decoded);
    tcase_add_loop_test(tests, a_broken_target_is_refused, 0, sizeof BROKEN / sizeof BROKEN[0]);
    tcase_add_test(tests, a_broken_segment_is_refused);
    tcase_add_test(tests, the_first_route_that_matches_wins);
    tcase_add_test(tests, no_route_says_which_methods_there_are);
    return suite_of("http target", tests);
}
