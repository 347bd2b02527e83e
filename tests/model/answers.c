/*
 * answers: what libwrit says of the instances that tests/model/tie draws. Reads a JSON object a
 * line, writes a line each:
 *
 *     constraints  parent, child, value        below, parent passes, child passes; TAB; the meet
 *     tools        ours, parent, child, args   below, parent allows, child allows; TAB; the meet
 *     terms        links                       the effective terms at the last link, or what the
 *                                              fold refuses; TAB; who may call what
 *
 * Truth is t or f; "-" stands for what there is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/terms.h"

static char truth(bool holds)
{
    return holds ? 't' : 'f';
}

/* TAB and canonical JSON, or TAB and "-". */
static void print_json(struct writ_arena *arena, const struct writ_json *json)
{
    const struct writ_slice text = json ? writ_json_canonical(arena, json)
                                        : WRIT_SLICE_LITERAL("-");
    printf("\t%.*s\n", WRIT_SLICE_ARGS(text));
}

static bool read_constraint(struct writ_arena *arena, const struct writ_json *json,
                            const char *name, struct writ_constraint *ret_constraint)
{
    const struct writ_json *member = writ_json_get(json, name);
    return member &&
           writ_is_ok(writ_constraint_parse(arena, member, WRIT_PROFILE_AAT_02_WRIT,
                                            WRIT_CONSTRAINT_DEPTH_MAX, true, ret_constraint));
}

static bool answer_constraints(struct writ_arena *arena, const struct writ_json *ask)
{
    struct writ_constraint parent, child, meet;
    const struct writ_json *value = writ_json_get(ask, "value");
    if (!value || !read_constraint(arena, ask, "parent", &parent) ||
        !read_constraint(arena, ask, "child", &child))
        return false;
    printf("%c%c%c", truth(writ_constraint_subsumes(&parent, &child)),
           truth(writ_constraint_check(&parent, value)),
           truth(writ_constraint_check(&child, value)));
    const bool met = writ_constraint_meet(arena, &parent, &child, &meet);
    print_json(arena, met ? writ_constraint_json(arena, &meet) : NULL);
    return true;
}

static bool read_authority(struct writ_arena *arena, const struct writ_json *tools,
                           enum writ_profile profile, const struct writ_authority **ret_authority)
{
    struct writ_denial denial;
    bool shape = false;
    return tools && writ_is_ok(writ_authority_read(arena, tools, profile, WRIT_CONSTRAINT_DEPTH_MAX,
                                                   ret_authority, &shape, &denial));
}

static bool answer_tools(struct writ_arena *arena, const struct writ_json *ask)
{
    const struct writ_json *ours = writ_json_get(ask, "ours");
    const struct writ_json *args = writ_json_get(ask, "args");
    const enum writ_profile profile = ours && ours->boolean ? WRIT_PROFILE_AAT_02_WRIT
                                                            : WRIT_PROFILE_AAT_02;
    const struct writ_authority *parent = NULL, *child = NULL, *meet = NULL;
    const struct writ_slice tool = WRIT_SLICE_LITERAL("t");
    struct writ_denial denial;
    if (!args || !read_authority(arena, writ_json_get(ask, "parent"), profile, &parent) ||
        !read_authority(arena, writ_json_get(ask, "child"), profile, &child))
        return false;
    printf("%c%c%c", truth(writ_is_ok(writ_authority_compare(arena, parent, child, &denial))),
           truth(writ_is_ok(writ_authority_allows(parent, profile, tool, args, &denial))),
           truth(writ_is_ok(writ_authority_allows(child, profile, tool, args, &denial))));
    if (!writ_is_ok(writ_authority_meet(arena, parent, child, &meet)))
        return false;
    print_json(arena, writ_authority_node(arena, meet));
    return true;
}

/* The key that the number stands for. */
static bool key_of(const struct writ_json *number, struct writ_key *ret_key)
{
    uint8_t seed[32] = {0};
    int64_t index = 0;
    if (!writ_json_integer(number, &index))
        return false;
    seed[0] = (uint8_t)index;
    return writ_is_ok(writ_key_from_seed(seed, ret_key));
}

static bool fold_link(struct writ_arena *arena, const struct writ_json *link,
                      const struct writ_effective *parent, struct writ_effective *ret_effective,
                      struct writ_denial *ret_denial)
{
    const struct writ_json *said = writ_json_get(link, "terms");
    const struct writ_authority *authority = NULL;
    struct writ_terms terms;
    struct writ_key key;
    *ret_denial = (struct writ_denial){0};
    return key_of(writ_json_get(link, "key"), &key) &&
           read_authority(arena, writ_json_get(link, "tools"), WRIT_PROFILE_AAT_02_WRIT,
                          &authority) &&
           writ_is_ok(writ_terms_read(arena, said, &terms, ret_denial)) &&
           writ_is_ok(writ_terms_fold(arena, parent, &terms, authority,
                                      writ_json_text(writ_json_get(link, "agent")), &key,
                                      ret_effective, ret_denial));
}

/* For each use, whether its agent with its key may call its tool. */
static bool print_uses(const struct writ_json *uses, const struct writ_effective *effective)
{
    for (size_t i = 0; i < uses->count; i++) {
        const struct writ_json *use = &uses->items[i];
        struct writ_denial denial;
        struct writ_key key;
        if (!key_of(writ_json_get(use, "key"), &key))
            return false;
        const struct writ_slice tool = writ_json_text(writ_json_get(use, "tool"));
        const struct writ_slice agent = writ_json_text(writ_json_get(use, "agent"));
        putchar(truth(writ_is_ok(writ_effective_may_call(effective, tool, agent, &key, &denial))));
    }
    return true;
}

static bool answer_terms(struct writ_arena *arena, const struct writ_json *ask)
{
    const struct writ_json *links = writ_json_get(ask, "links");
    const struct writ_json *uses = writ_json_get(ask, "uses");
    struct writ_effective effective[8];
    if (!writ_json_is(links, WRIT_JSON_ARRAY) || !writ_json_is(uses, WRIT_JSON_ARRAY) ||
        links->count == 0 || links->count > sizeof effective / sizeof effective[0])
        return false;
    for (size_t i = 0; i < links->count; i++) {
        struct writ_denial denial;
        if (fold_link(arena, &links->items[i], i > 0 ? &effective[i - 1] : NULL, &effective[i],
                      &denial))
            continue;
        printf("%zu %s\t-\n", i, denial.field);
        return denial.outcome == WRIT_NOT_NARROWER;
    }
    const struct writ_effective *last = &effective[links->count - 1];
    if (!print_uses(uses, last))
        return false;
    print_json(arena, writ_effective_json(arena, last));
    return true;
}

static bool answer(struct writ_arena *arena, struct writ_slice line)
{
    const struct writ_json *ask = NULL;
    if (!writ_is_ok(writ_json_parse(arena, line, &ask)))
        return false;
    const struct writ_slice what = writ_json_text(writ_json_get(ask, "ask"));
    if (writ_slice_is(what, "constraints"))
        return answer_constraints(arena, ask);
    if (writ_slice_is(what, "tools"))
        return answer_tools(arena, ask);
    return writ_slice_is(what, "terms") && answer_terms(arena, ask);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool good = writ_is_ok(writ_start());
    for (size_t number = 1; good && (size = getline(&line, &capacity, stdin)) > 0; number++) {
        struct writ_arena arena;
        writ_arena_init(&arena, 0);
        good = answer(&arena, writ_slice_of((const uint8_t *)line, (size_t)size));
        writ_arena_done(&arena);
        if (!good)
            fprintf(stderr, "answers: line %zu cannot be answered: %s", number, line);
    }
    free(line);
    return good ? 0 : 1;
}
