#include "bench/house.h"

#include <stdio.h>
#include <string.h>

static const char *const NO_LIMITS[] = {"--client-rate",
                                        "0",
                                        "--task-children",
                                        "0",
                                        "--task-nodes",
                                        "0",
                                        "--lease-s",
                                        "3600",
                                        "--default-budget-calls",
                                        "1000000000",
                                        NULL};
enum { FLAGS_MAX = 15, NODES_A_TASK = 100 };

/* ---- The service ---------------------------------------------------------------------------- */

static void join_flags(const char *const *flags, const char *ret_flags[static FLAGS_MAX + 1])
{
    size_t count = 0;
    for (size_t i = 0; NO_LIMITS[i]; i++)
        ret_flags[count++] = NO_LIMITS[i];
    for (size_t i = 0; flags && flags[i]; i++) {
        ck_assert(count < FLAGS_MAX);
        ret_flags[count++] = flags[i];
    }
    ret_flags[count] = NULL;
}

void house_start(struct house *house, const struct postgres *cluster, const char *name,
                 const char *const *flags)
{
    const char *all[FLAGS_MAX + 1];
    const char *options = strchr(cluster->url, '?');
    *house = (struct house){.database = *cluster};
    postgres_ask(cluster, NULL, plain("create database \"%s\"", name), NULL);
    snprintf(house->database.url, sizeof house->database.url, "postgresql:///%s%s", name,
             options ? options : "");
    join_flags(flags, all);
    server_start(&house->server, name, &house->database, all);
    cast_register(&house->cast, &house->server);
    const struct answer fast = put(
        &house->cast.admin, "/v1/tools/read_file?audience=https%3A%2F%2Ftools.test",
        quoted("{'effect': 'read', 'sensitivity': {}, 'record': 'buffered', 'loosen': true}"));
    expect_status(fast, 200);
}

void house_start_beside(const struct house *house, struct server *server, const char *name,
                        const char *const *flags)
{
    const char *all[FLAGS_MAX + 1];
    join_flags(flags, all);
    server_start_beside(server, name, &house->server, all);
}

void house_stop(struct house *house)
{
    if (house->server.pid > 0)
        server_stop(&house->server);
    *house = (struct house){0};
}

/* ---- Chains --------------------------------------------------------------------------------- */

void house_open_chain(struct house *house, struct chain *chain, size_t depth)
{
    const struct answer opened = task_open(&house->cast.issuer, &house->cast.planner, "");
    chain_take(chain, &opened, &house->cast.planner);
    chain->enforcer = &house->cast.enforcer;
    for (size_t i = 0; i < depth; i++)
        chain_extend(chain, i % 2 ? &house->cast.planner : &house->cast.executor, NULL);
}

void house_open_chains(struct house *house, size_t depth)
{
    for (size_t i = 0; i < TASKS; i++)
        house_open_chain(house, &house->chains[i], depth);
}

void house_open_managed(struct house *house)
{
    const struct answer kept = post(&house->cast.executing, "/v1/holders",
                                    quoted("{'custody': 'managed'}"));
    expect_status(kept, 201);
    snprintf(house->managed_holder, sizeof house->managed_holder, "%s",
             text_at(&kept, "thumbprint"));
    for (size_t i = 0; i < TASKS; i++) {
        const struct answer opened = task_open(&house->cast.issuer, NULL, "");
        expect_status(opened, 201);
        snprintf(house->managed[i].task, 40, "%s", text_at(&opened, "task.id"));
        snprintf(house->managed[i].root, 40, "%s", text_at(&opened, "delegation.id"));
        snprintf(house->managed[i].handle, 64, "%s", text_at(&opened, "handle"));
    }
}

struct chain chain_prefix(const struct chain *chain, size_t depth)
{
    struct chain prefix = *chain;
    ck_assert(depth < chain->count);
    prefix.count = depth + 1;
    return prefix;
}

/* ---- What has to be there ------------------------------------------------------------------- */

static void run_file(const struct house *house, const char *file, const char *const *variables)
{
    char output[1024];
    const char *arguments[24] = {
        "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", house->database.url};
    size_t count = 6;
    for (size_t i = 0; variables[i]; i++) {
        arguments[count++] = "-v";
        arguments[count++] = variables[i];
    }
    arguments[count++] = "-f";
    arguments[count++] = plain("%s/bench/%s", TESTS_DIR, file);
    ck_assert_msg(run_program(output, sizeof output, arguments) == 0, "%s: %s", file, output);
}

void house_fill_below(const struct house *house, const struct chain *chain, size_t node,
                      size_t count)
{
    const char *const variables[] = {plain("task=%s", chain->task),
                                     plain("node=%s", chain->ids[node]), plain("count=%zu", count),
                                     NULL};
    run_file(house, "fill_below.sql", variables);
}

void house_revoke_below(const struct house *house, const struct chain *chain, size_t node)
{
    const char *const variables[] = {plain("task=%s", chain->task),
                                     plain("node=%s", chain->ids[node]), NULL};
    run_file(house, "fill_revocations.sql", variables);
}

void house_fill_to(const struct house *house, size_t count)
{
    const long there = postgres_count(&house->database, "select count(*) from writ.delegation");
    const long missing = ((long)count - there) / NODES_A_TASK;
    if (missing <= 0)
        return;
    const char *const variables[] = {plain("task=%s", house->chains[0].task),
                                     plain("count=%ld", missing), NULL};
    run_file(house, "fill_tasks.sql", variables);
}

void house_settle(const struct house *house)
{
    postgres_ask(&house->database, NULL, "analyze", NULL);
    postgres_ask(&house->database, NULL, "checkpoint", NULL);
}
