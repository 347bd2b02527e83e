#include "domain_tools.h"

#include <string.h>

#include "tally.h"

static const struct writ_json *parse(struct domain_tools *domain, const char *text)
{
    const struct writ_json *json = NULL;
    if (!writ_is_ok(writ_json_parse(&domain->arena, writ_slice_text(text), &json)))
        ck_abort_msg("%s", text);
    return json;
}

static const char *text_of(struct domain_tools *domain, const struct writ_authority *authority)
{
    return (const char *)writ_authority_notation(&domain->arena, authority).data;
}

void domain_tools_start(struct domain_tools *domain, enum writ_profile profile)
{
    enum { ARENA_MAX = 1 << 28 };
    memset(domain, 0, sizeof *domain);
    domain->profile = profile;
    domain->names = profile == WRIT_PROFILE_AAT_02_WRIT ? DRAFT_CASE_SHADOWS
                                                        : DRAFT_CASE_IS_NOTHING;
    writ_arena_init(&domain->arena, ARENA_MAX);
    draft_world_init(&domain->world, &domain->arena);
}

void domain_tools_done(struct domain_tools *domain)
{
    writ_arena_done(&domain->arena);
}

void domain_tools_add_call(struct domain_tools *domain, const char *tool, const char *args)
{
    MUST(domain->call_count < DRAFT_VALUES_MAX);
    struct domain_call *call = &domain->calls[domain->call_count++];
    call->tool = writ_slice_text(tool);
    call->args = parse(domain, args);
    call->stated = draft_args_read(&domain->world, call->args);
}

static struct draft_set allowed(const struct domain_tools *domain, const struct draft_tools *tools)
{
    struct draft_set calls = {0};
    for (size_t i = 0; i < domain->call_count; i++)
        if (draft_allows(&domain->world, tools, domain->calls[i].tool, &domain->calls[i].stated,
                         domain->names))
            draft_set_add(&calls, i);
    return calls;
}

/* What the draft makes of an authority; also of one that is not of the domain. */
static struct domain_authority state(struct domain_tools *domain, struct writ_arena *arena,
                                     const struct writ_json *json)
{
    domain->world.arena = arena;
    const struct draft_tools stated = draft_tools_read(&domain->world, json);
    domain->world.arena = &domain->arena;
    return (struct domain_authority){.json = json, .stated = stated};
}

static bool is_below(const struct domain_tools *domain, const struct domain_authority *parent,
                     const struct domain_authority *child)
{
    return !draft_denies(&domain->world, &parent->stated, &child->stated, domain->names);
}

void domain_tools_add(struct domain_tools *domain, const char *tools)
{
    MUST(domain->count < DRAFT_VALUES_MAX);
    struct domain_authority *added = &domain->authorities[domain->count];
    struct writ_denial denial = {0};
    *added = state(domain, &domain->arena, parse(domain, tools));
    added->allowed = allowed(domain, &added->stated);
    if (!writ_is_ok(writ_authority_parse(&domain->arena, writ_slice_text(tools), domain->profile,
                                         &added->read, &denial)))
        ck_abort_msg("%s: %s", tools, denial.detail);
    domain->count++;
    for (size_t i = 0; i < domain->count; i++) {
        if (is_below(domain, added, &domain->authorities[i]))
            draft_set_add(&added->below, i);
        if (is_below(domain, &domain->authorities[i], added))
            draft_set_add(&domain->authorities[i].below, domain->count - 1);
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

void domain_tools_judge_calls(struct domain_tools *domain)
{
    size_t passed = 0;
    for (size_t i = 0; i < domain->count; i++) {
        const struct domain_authority *authority = &domain->authorities[i];
        for (size_t c = 0; c < domain->call_count; c++) {
            const struct domain_call *call = &domain->calls[c];
            struct writ_denial denial = {0};
            const bool stated = draft_set_has(&authority->allowed, c);
            if (writ_is_ok(writ_authority_allows(authority->read, domain->profile, call->tool,
                                                 call->args, &denial)) != stated)
                ck_abort_msg("%s: %.*s %s %s", text_of(domain, authority->read),
                             WRIT_SLICE_ARGS(call->tool),
                             (const char *)writ_json_verbatim(&domain->arena, call->args).data,
                             stated ? "must pass" : "must not pass");
            passed += stated;
        }
    }
    tally(domain->count * domain->call_count,
          "calls of authorities: %zu authorities, %zu calls, %zu allowed", domain->count,
          domain->call_count, passed);
}

/* ---- Pairs ----------------------------------------------------------------------------------- */

static void complain(struct domain_tools *domain, const char *what,
                     const struct domain_authority *a, const struct domain_authority *b)
{
    ck_abort_msg("%s: %s | %s", what, text_of(domain, a->read), text_of(domain, b->read));
}

static bool judge_narrower(struct domain_tools *domain, struct writ_arena *scratch,
                           const struct domain_authority *parent,
                           const struct domain_authority *child)
{
    struct writ_denial denial = {0};
    const bool ok = writ_is_ok(writ_authority_compare(scratch, parent->read, child->read, &denial));
    const char *step = draft_denies(&domain->world, &parent->stated, &child->stated, domain->names);
    if (ok != !step || (step && strcmp(denial.step, step) != 0))
        ck_abort_msg("%s | %s: draft %s, libwrit %s", text_of(domain, parent->read),
                     text_of(domain, child->read), step ? step : "yes", ok ? "yes" : denial.step);
    if (ok && !draft_set_within(&child->allowed, &parent->allowed))
        complain(domain, "the child allows more", parent, child);
    return ok;
}

static void judge_diff(struct domain_tools *domain, struct writ_arena *scratch,
                       const struct domain_authority *parent, const struct domain_authority *child,
                       bool narrower)
{
    const struct writ_change *changes = NULL;
    size_t count = 0, widening = 0;
    MUST(writ_is_ok(writ_authority_diff(scratch, parent->read, child->read, &changes, &count)));
    for (size_t i = 0; i < count; i++)
        widening += changes[i].widens;
    if ((widening > 0) == narrower)
        complain(domain, narrower ? "the diff widens" : "the diff does not widen", parent, child);
    const bool equal = writ_slice_equal(writ_authority_json(scratch, parent->read),
                                        writ_authority_json(scratch, child->read));
    if (equal != (count == 0))
        complain(domain, "the diff is empty for others than equals", parent, child);
}

void domain_tools_judge_pairs(struct domain_tools *domain)
{
    size_t narrower = 0, harmless = 0;
    for (size_t p = 0; p < domain->count; p++) {
        struct writ_arena scratch;
        writ_arena_init(&scratch, 0);
        for (size_t c = 0; c < domain->count; c++) {
            const struct domain_authority *parent = &domain->authorities[p];
            const struct domain_authority *child = &domain->authorities[c];
            const bool ok = judge_narrower(domain, &scratch, parent, child);
            judge_diff(domain, &scratch, parent, child, ok);
            narrower += ok;
            harmless += !ok && draft_set_within(&child->allowed, &parent->allowed);
            writ_arena_done(&scratch);
        }
    }
    MUST(narrower >= domain->count);
    tally(domain->count * domain->count,
          "pairs of authorities: %zu narrower, %zu refused that allow no call more", narrower,
          harmless);
}

/* ---- Meets ----------------------------------------------------------------------------------- */

static struct domain_authority meet(struct domain_tools *domain, struct writ_arena *scratch,
                                    const struct domain_authority *a,
                                    const struct domain_authority *b)
{
    const struct writ_authority *met = NULL;
    if (!writ_is_ok(writ_authority_meet(scratch, a->read, b->read, &met)))
        complain(domain, "no meet", a, b);
    const struct writ_json *node = writ_authority_node(scratch, met);
    MUST(node);
    struct domain_authority stated = state(domain, scratch, node);
    stated.read = met;
    return stated;
}

static const struct draft_map *map_of(const struct domain_authority *authority,
                                      struct writ_slice name)
{
    for (size_t i = 0; i < authority->stated.count; i++)
        if (writ_slice_equal(authority->stated.names[i], name))
            return &authority->stated.maps[i];
    return NULL;
}

/*
 * Both let unnamed arguments pass, and their meet does not: one argument had to be forbidden, and
 * the draft can not forbid one and keep "*". Then there is no widest: whatever other name the meet
 * grants, there is one more that it could have granted.
 */
static bool lost_star(const struct domain_authority *a, const struct domain_authority *b,
                      const struct domain_authority *met)
{
    for (size_t i = 0; i < a->stated.count; i++) {
        const struct draft_map *other = map_of(b, a->stated.names[i]);
        const struct draft_map *map = map_of(met, a->stated.names[i]);
        if (a->stated.maps[i].star && other && other->star && !(map && map->star))
            return true;
    }
    return false;
}

static bool is_same(struct writ_arena *scratch, const struct domain_authority *a,
                    const struct domain_authority *b)
{
    return writ_slice_equal(writ_authority_json(scratch, a->read),
                            writ_authority_json(scratch, b->read));
}

static void judge_meet(struct domain_tools *domain, struct writ_arena *scratch,
                       const struct domain_authority *a, const struct domain_authority *b,
                       size_t *bounds, size_t *without)
{
    const struct domain_authority met = meet(domain, scratch, a, b);
    const struct domain_authority other = meet(domain, scratch, b, a);
    const struct draft_set both = draft_set_common(&a->allowed, &b->allowed);
    const struct draft_set calls = allowed(domain, &met.stated);
    if (!is_below(domain, a, &met) || !is_below(domain, b, &met))
        complain(domain, "the meet is not below both", a, b);
    if (!draft_set_within(&calls, &both))
        complain(domain, "the meet allows more", a, b);
    if (!is_same(scratch, &met, &other))
        complain(domain, "the meet depends on the side", a, b);
    if (a == b && !is_same(scratch, &met, a))
        complain(domain, "the meet with itself is another", a, b);
    if (lost_star(a, b, &met)) {
        (*without)++;
        return;
    }
    const struct draft_set below = draft_set_common(&a->below, &b->below);
    for (size_t i = 0; i < domain->count; i++) {
        if (!draft_set_has(&below, i))
            continue;
        (*bounds)++;
        if (!is_below(domain, &met, &domain->authorities[i]))
            ck_abort_msg("the meet of %s | %s is not the widest: %s", text_of(domain, a->read),
                         text_of(domain, b->read), text_of(domain, domain->authorities[i].read));
    }
}

void domain_tools_judge_meets(struct domain_tools *domain)
{
    size_t bounds = 0, without = 0;
    struct writ_arena scratch;
    writ_arena_init(&scratch, 0);
    for (size_t a = 0; a < domain->count; a++)
        for (size_t b = a; b < domain->count; b++) {
            judge_meet(domain, &scratch, &domain->authorities[a], &domain->authorities[b], &bounds,
                       &without);
            writ_arena_done(&scratch);
        }
    tally(domain->count * (domain->count + 1) / 2,
          "meets of authorities: the widest of %zu bounds, %zu without a widest", bounds, without);
}

void domain_tools_judge_triples(struct domain_tools *domain, size_t step)
{
    size_t triples = 0, without = 0;
    struct writ_arena scratch;
    writ_arena_init(&scratch, 0);
    for (size_t i = 0; i < domain->count; i += step)
        for (size_t j = 0; j < domain->count; j += step)
            for (size_t k = 0; k < domain->count; k += step) {
                const struct domain_authority *a = &domain->authorities[i];
                const struct domain_authority *b = &domain->authorities[j];
                const struct domain_authority *c = &domain->authorities[k];
                const struct domain_authority ab = meet(domain, &scratch, a, b);
                const struct domain_authority bc = meet(domain, &scratch, b, c);
                const struct domain_authority left = meet(domain, &scratch, &ab, c);
                const struct domain_authority right = meet(domain, &scratch, a, &bc);
                triples++;
                if (lost_star(a, b, &ab) || lost_star(b, c, &bc) || lost_star(&ab, c, &left) ||
                    lost_star(a, &bc, &right))
                    without++;
                else if (!is_below(domain, &left, &right) || !is_below(domain, &right, &left))
                    ck_abort_msg("the meet of %s | %s | %s depends on the grouping",
                                 text_of(domain, a->read), text_of(domain, b->read),
                                 text_of(domain, c->read));
                writ_arena_done(&scratch);
            }
    tally(triples, "meets of three authorities in both groupings, %zu without a widest", without);
}
