#include "fixture.h"

#include <check.h>
#include <string.h>

struct writ_arena arena;
struct writ_denial denial;
struct forge_chain chain;

void setup_arena(void)
{
    writ_arena_init(&arena, 0);
    memset(&denial, 0, sizeof denial);
}

void setup_chain(void)
{
    setup_arena();
    forge_chain_init(&chain, &arena, 2);
}

void teardown(void)
{
    writ_arena_done(&arena);
}

void start_over(size_t links)
{
    writ_arena_done(&arena);
    forge_chain_init(&chain, &arena, links);
}

const struct writ_json *parse(const char *text)
{
    const struct writ_json *value = NULL;
    ck_assert_msg(writ_is_ok(writ_json_parse(&arena, writ_slice_text(text), &value)), "%s", text);
    return value;
}

const struct writ_authority *authority_read(const struct writ_json *tools)
{
    const struct writ_authority *authority = NULL;
    bool shape = false;
    struct writ_denial unused = {0};
    ck_assert_msg(writ_is_ok(writ_authority_read(&arena, tools, OURS, WRIT_CONSTRAINT_DEPTH_MAX,
                                                 &authority, &shape, &unused)),
                  "%s", unused.detail);
    return authority;
}

struct writ_constraint constraint_read(const struct writ_json *json)
{
    struct writ_constraint constraint;
    ck_assert_msg(writ_is_ok(writ_constraint_parse(&arena, json, OURS, WRIT_CONSTRAINT_DEPTH_MAX,
                                                   true, &constraint)),
                  "%s", (const char *)writ_json_canonical(&arena, json).data);
    return constraint;
}

const struct writ_authority *authority_of(const char *notation)
{
    const struct writ_authority *authority = NULL;
    ck_assert_msg(writ_is_ok(writ_authority_from_notation(&arena, writ_slice_text(notation),
                                                          &authority, &denial)),
                  "%s: %s", notation, denial.detail);
    return authority;
}

struct writ_constraint constraint_of(const char *notation)
{
    const char *line = writ_arena_printf(&arena, "t(x %s)", notation);
    return authority_of(line)->tools[0].arguments[0].constraint;
}

void names_its_claim(const struct forge_case *test)
{
    const struct writ_verdict verdict = forge_judge(&chain);
    const char *claim = test->name;
    if (strcmp(test->step, "3h") == 0) /* what is measured against what was changed */
        claim = "exp";
    if (strcmp(test->step, "4m") == 0)
        claim = "del_depth";
    const bool is_entry = strcmp(claim, "authorization_details") == 0 &&
                          (strncmp(verdict.denial.field, "tools.", 6) == 0 ||
                           strcmp(verdict.denial.field, "writ_terms") == 0);
    ck_assert_msg(is_entry || strstr(verdict.denial.field, claim) != NULL, "%s: %s", title(test),
                  verdict.denial.field);
}

const char *title(const struct forge_case *test)
{
    return writ_arena_printf(&arena, "%s = %s", test->name, test->json ? test->json : "(missing)");
}
