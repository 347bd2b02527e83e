#include "recovery.h"

#include <stdio.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

void expect_working(const struct server *server)
{
    struct client issuer = client_at(&cast.issuer, server);
    struct client enforcer = client_at(&cast.enforcer, server);
    struct chain chain;
    const double end = seconds_now() + 10;
    struct answer permit = {0};
    while (permit.status != 200 && seconds_now() < end) {
        const struct answer opened = task_open(&issuer, &cast.planner, "");
        sleep_s(0.1);
        if (opened.status != 201)
            continue;
        chain_take(&chain, &opened, &cast.planner);
        chain.enforcer = &enforcer;
        permit = chain_call(&chain, "write_note", NOTE);
    }
    expect_status(permit, 200);
}

void expect_behind(const struct server *server)
{
    struct client anyone;
    client_init(&anyone, server->url, NULL, NULL);
    struct answer ready = {0};
    bool says_it = false;
    const double end = seconds_now() + 30;
    while (!says_it && seconds_now() < end) {
        sleep_s(0.05);
        ready = get(&anyone, "/readyz");
        ck_assert_msg(ready.status != 200 || seconds_now() < end - 25, "%s", shown(&ready));
        says_it = ready.status == 503 && has_at(&ready, "reasons.0") &&
                  strstr(text_at(&ready, "reasons.0"), "`writd recover`");
    }
    ck_assert_msg(says_it, "%s", shown(&ready));
    ck_assert_uint_eq(at(ready.json, "reasons")->count, 1);
}

int recover(const struct server *server, const char *flag, char *ret_output, size_t size)
{
    const char *arguments[10] = {WRITD, "recover", "--data-dir", server->dir};
    size_t count = 4;
    if (server->database[0]) {
        arguments[count++] = "--database";
        arguments[count++] = server->database;
    }
    arguments[count] = flag;
    const int status = run_program(ret_output, size, arguments);
    printf("writd recover %s: %d\n%s\n", flag ? flag : "", status, ret_output);
    return status;
}

void expect_ready(const struct server *server)
{
    ck_assert_msg(server_wait_ready(server, 10), "not ready after the recovery");
}

void expect_recovers(const struct server *server)
{
    char output[4096];
    ck_assert_msg(recover(server, "--yes", output, sizeof output) == 0, "%s", output);
    ck_assert_msg(strstr(output, "Recovered."), "%s", output);
}

void expect_nothing_to_recover(const struct server *server)
{
    char output[4096];
    ck_assert_msg(recover(server, "--yes", output, sizeof output) == 0, "%s", output);
    ck_assert_msg(strstr(output, "nothing to recover"), "%s", output);
}
