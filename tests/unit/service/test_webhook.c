/* What the operator's URL is told, and how it is signed. */
#include "suites.h"

#include "base/crypto.h"
#include "webhook_message.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[32];

static void write_secret(const char *text)
{
    snprintf(path, sizeof path, "/tmp/writ-webhook-XXXXXX");
    const int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
}

/* The example of the specification's own libraries. */
START_TEST(a_signature_is_that_of_standard_webhooks)
{
    struct writ_arena arena;
    uint8_t *key = NULL;
    size_t size = 0;
    writ_arena_init(&arena, 0);
    write_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    ck_assert(writ_is_ok(webhook_read_secret(path, &key, &size)));
    ck_assert_uint_eq(size, 24);
    ck_assert_str_eq(webhook_sign(&arena, writ_slice_of(key, size), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                  1614265330, WRIT_SLICE_LITERAL("{\"test\": 2432232314}")),
                     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    writ_secret_free(key);
    unlink(path);
    writ_arena_done(&arena);
}
END_TEST

START_TEST(a_message_names_its_event_and_links_to_the_approval)
{
    struct webhook_event event = {.name = "requested", .at_us = 1000000, .expires_at_us = 2000000};
    struct webhook_message message;
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    memset(event.task.bytes, 0x11, 16);
    memset(event.approval.bytes, 0x22, 16);
    const struct writ_slice key = WRIT_SLICE_LITERAL("secret");
    ck_assert(writ_is_ok(webhook_write(&arena, &event, "https://writ.example", key, 7, &message)));
    const char *body =
        "{\"data\":{\"approval\":\"22222222-2222-2222-2222-222222222222\","
        "\"expires_at\":\"1970-01-01T00:00:02.000000Z\","
        "\"task\":\"11111111-1111-1111-1111-111111111111\","
        "\"url\":\"https://writ.example/v1/approvals/22222222-2222-2222-2222-222222222222"
        "?task=11111111-1111-1111-1111-111111111111\"},"
        "\"timestamp\":\"1970-01-01T00:00:01.000000Z\",\"type\":\"approval.requested\"}";
    ck_assert_uint_eq(message.body.size, strlen(body));
    ck_assert_mem_eq(message.body.data, body, strlen(body));
    const char *id = "22222222-2222-2222-2222-222222222222-requested";
    ck_assert_str_eq(message.headers[0] + strlen("webhook-id: "), id);
    ck_assert_str_eq(message.headers[1], "webhook-timestamp: 7");
    ck_assert_str_eq(message.headers[2] + strlen("webhook-signature: "),
                     webhook_sign(&arena, key, id, 7, message.body));
    ck_assert_ptr_null(message.headers[3]);
    writ_arena_done(&arena);
}
END_TEST

START_TEST(a_secret_that_is_none_is_refused)
{
#define OF_24 "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static const char LONG[] = "whsec_" OF_24 OF_24 OF_24;
    static const char *const BAD[] = {
        "",
        "\n",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa_-",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw MfKQ",
        LONG,
    };
    uint8_t *key = NULL;
    size_t size = 0;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        write_secret(BAD[i]);
        ck_assert_msg(!writ_is_ok(webhook_read_secret(path, &key, &size)), "%s", BAD[i]);
        ck_assert_ptr_null(key);
        unlink(path);
    }
    ck_assert(!writ_is_ok(webhook_read_secret("/nonexistent", &key, &size)));
#undef OF_24
}
END_TEST

Suite *suite_webhook(void)
{
    TCase *tests = tcase_create("webhook");
    tcase_add_test(tests, a_signature_is_that_of_standard_webhooks);
    tcase_add_test(tests, a_message_names_its_event_and_links_to_the_approval);
    tcase_add_test(tests, a_secret_that_is_none_is_refused);
    return suite_of("webhook", tests);
}
