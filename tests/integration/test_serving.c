/* The process itself: configuration, TLS, health, metrics, and a log without secrets. */
#include "actors.h"
#include "suites.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int writd(char *ret_output, size_t size, const char *const *flags)
{
    const char *arguments[16] = {WRITD, NULL};
    for (size_t i = 0; flags[i]; i++)
        arguments[i + 1] = flags[i];
    return run_program(ret_output, size, arguments);
}

START_TEST(refuses_a_configuration_that_cannot_be_used)
{
    static const char *const WRONG[][4] = {
        {"--check-config", "--listen", "nowhere", NULL},
        {"--check-config", "--lease-s", "0", NULL},
        {"--check-config", "--lease-s", "soon", NULL},
        {"--check-config", "--tls-cert", "/none.pem", NULL},
        {"--check-config", "--no-such-option", "1", NULL},
        {"--check-config", "--config", "/none.conf", NULL},
        {"--check-config", "--unregistered", "maybe", NULL},
        {"--check-config", "--follow", "postgresql:///standby", NULL},
    };
    char output[4096];
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        const int status = writd(output, sizeof output, WRONG[i]);
        ck_assert_msg(status == 1 && output[0], "%s %s: %d %s", WRONG[i][1], WRONG[i][2], status,
                      output);
    }
    static const char *const GOOD[] = {"--check-config", NULL};
    ck_assert_msg(writd(output, sizeof output, GOOD) == 0, "%s", output);
    static const char *const HELP[] = {"--help", NULL};
    ck_assert_int_eq(writd(output, sizeof output, HELP), 0);
    ck_assert_ptr_nonnull(strstr(output, "--data-dir"));
    static const char *const VERSION[] = {"--version", NULL};
    ck_assert_int_eq(writd(output, sizeof output, VERSION), 0);
}
END_TEST

START_TEST(refuses_an_address_that_is_taken)
{
    char dir[PATH_CAP];
    char output[4096];
    run_directory("taken", dir);
    const char *listen = first_server.url + strlen("http://");
    const char *const flags[] = {"--data-dir",        dir, "--listen", listen, "--database",
                                 shared_postgres.url, NULL};
    ck_assert_int_ne(writd(output, sizeof output, flags), 0);
    struct client anyone;
    client_init(&anyone, first_server.url, NULL, NULL);
    const struct answer alive = get(&anyone, "/healthz");
    expect_status(alive, 200);
}
END_TEST

START_TEST(health_readiness_and_metrics_need_no_credentials)
{
    struct client anyone;
    client_init(&anyone, first_server.url, NULL, NULL);
    const struct answer alive = get(&anyone, "/healthz");
    expect_status(alive, 200);
    expect_text(alive, "status", "alive");
    const struct answer ready = get(&anyone, "/readyz");
    expect_status(ready, 200);
    ck_assert(has_at(&ready, "epoch") && has_at(&ready, "feed") && has_at(&ready, "staleness_ms"));
    const struct answer metrics = get(&anyone, "/metrics");
    expect_status(metrics, 200);
    ck_assert_ptr_nonnull(strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)), "writ_"));
    static const char *const CLOSED[] = {"/v1/tasks", "/v1/clients/self", "/v1/decisions",
                                         "/v1/graph", "/v1/agents"};
    for (size_t i = 0; i < 5; i++) {
        const struct answer answer = get(&anyone, CLOSED[i]);
        expect_code(answer, "unauthenticated");
    }
}
END_TEST

START_TEST(unknown_paths_and_methods_are_told_apart)
{
    const struct answer path = get(&cast.admin, "/v2/tasks");
    expect_code(path, "not_found");
    const struct answer method = del(&cast.admin, "/v1/tasks");
    expect_code(method, "method_not_allowed");
    const struct answer id = get(&cast.admin, "/v1/tasks/not-an-id");
    ck_assert_msg(id.status == 400 || id.status == 404, "%s", shown(&id));
    const struct answer twice = get(&cast.admin, "/v1/tasks?limit=1&limit=2");
    expect_code(twice, "malformed");
}
END_TEST

static size_t discard(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

START_TEST(serves_tls_with_a_certificate)
{
    char dir[PATH_CAP];
    char command[1024];
    char cert[PATH_CAP + 16];
    char key[PATH_CAP + 16];
    run_directory("tls", dir);
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout '%s' -out '%s' "
             "2>/dev/null",
             key, cert);
    const char *const shell[] = {"sh", "-c", command, NULL};
    ck_assert_int_eq(run_program(NULL, 0, shell), 0);
    const char *const flags[] = {"--tls-cert", cert, "--tls-key", key, NULL};
    struct server server;
    server_prepare_beside(&server, "tls", &first_server, flags);
    server_launch(&server);
    CURL *curl = curl_easy_init();
    char url[64];
    long status = 0;
    CURLcode code = CURLE_COULDNT_CONNECT;
    snprintf(url, sizeof url, "https://127.0.0.1:%d/healthz", server.port);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CAINFO, cert);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    const double end = seconds_now() + 30;
    while (code != CURLE_OK && seconds_now() < end) {
        code = curl_easy_perform(curl);
        sleep_s(0.05);
    }
    ck_assert_msg(code == CURLE_OK, "%s", curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    ck_assert_int_eq(status, 200);
    curl_easy_cleanup(curl);
    /* Without TLS there is no answer. */
    struct client plainly;
    client_init(&plainly, server.url, NULL, NULL);
    const struct answer answer = get(&plainly, "/healthz");
    ck_assert_int_ne(answer.status, 200);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(the_log_has_no_token_secret_or_argument)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    static const char SECRET[] = "the-launch-code-is-0000";
    const char *args = plain("{'path': '/notes/a', 'text': '%s'}", SECRET);
    const struct answer permit = chain_call(&chain, "write_note", args);
    expect_status(permit, 200);
    const struct answer deny = chain_call(&chain, "read_file", plain("{'path': '/%s'}", SECRET));
    expect_code(deny, "argument_not_granted");
    const struct answer managed = task_open(&cast.issuer, NULL, "");
    const char *handle = text_at(&managed, "handle");
    const struct server *const servers[] = {&first_server, &second_server};
    const char *const words[] = {SECRET,         handle, cast.issuer.secret, cast.admin.secret,
                                 "eyJhbGciOiJF", NULL};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; words[j]; j++) {
            const char *path = plain("%s/writd.log", servers[i]->dir);
            const char *const arguments[] = {"grep", "-cF", "-e", words[j], path, NULL};
            char output[64];
            ck_assert_msg(run_program(output, sizeof output, arguments) == 1,
                          "%s lines of the log have %.8s…", output, words[j]);
        }
}
END_TEST

START_TEST(the_master_key_is_for_its_owner_alone)
{
    char output[64];
    static const char *const KEYS[] = {"master.key", "issuer.key", "admin.json"};
    for (size_t i = 0; i < 3; i++) {
        const char *const arguments[] = {"stat", "-c", "%a",
                                         plain("%s/%s", first_server.dir, KEYS[i]), NULL};
        ck_assert_int_eq(run_program(output, sizeof output, arguments), 0);
        ck_assert_str_eq(output, "600");
    }
}
END_TEST

/* Keys that nobody has, revoked in one transaction, and behind them one that somebody has. */
static void revoke_many_keys(const char *thumbprint)
{
    postgres_ask(&shared_postgres, NULL,
                 plain("with many as (select i, case when i = 12001 then '%s' else rtrim(translate("
                       "encode(sha256(i::text::bytea), 'base64'), '+/', '-_'), '=') end as key "
                       "from generate_series(1, 12001) as i), "
                       "next as (update writ.feed set head = head + 12001 returning head - 12001 "
                       "as before) insert into writ.holder_revocation (thumbprint, feed_no, "
                       "by_client) select key, before + i, 'tests' from many, next",
                       thumbprint),
                 NULL);
}

START_TEST(a_feed_of_many_pages_is_read_to_its_end_before_a_replica_is_ready)
{
    struct chain chain;
    struct server late;
    const struct actor holder = actor_fresh(&cast.planner);
    chain_open(&chain, &holder);
    revoke_many_keys(holder.thumbprint);
    server_start_beside(&late, "late", &first_server, NULL);
    struct client anyone;
    client_init(&anyone, late.url, NULL, NULL);
    const struct answer ready = get(&anyone, "/readyz");
    int64_t feed = 0;
    ck_assert(writ_json_integer(at(ready.json, "feed"), &feed));
    ck_assert_int_ge(feed, postgres_count(&shared_postgres, "select head from writ.feed"));
    struct client enforcer = client_at(&cast.enforcer, &late);
    chain.enforcer = &enforcer;
    const struct answer dead = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_code(dead, "revoked");
    client_done(&enforcer);
    client_done(&anyone);
    ck_assert_int_eq(server_stop(&late), 0);
}
END_TEST

Suite *suite_serving(void)
{
    Suite *suite = suite_create("serving");
    ADD(suite, refuses_a_configuration_that_cannot_be_used);
    ADD(suite, refuses_an_address_that_is_taken);
    ADD(suite, health_readiness_and_metrics_need_no_credentials);
    ADD(suite, unknown_paths_and_methods_are_told_apart);
    ADD(suite, serves_tls_with_a_certificate);
    ADD(suite, the_log_has_no_token_secret_or_argument);
    ADD(suite, the_master_key_is_for_its_owner_alone);
    ADD(suite, a_feed_of_many_pages_is_read_to_its_end_before_a_replica_is_ready);
    return suite;
}
