/*
 * Whole chains, signed and presented: up to five links of random authorities (unit/generate.h) with
 * random writ_terms (domain_terms.h), two agents and two keys that come again, and a call of the
 * leaf. writ_verify permits exactly what draft.h and design.h together permit, and else denies at
 * the same link by the same step. A permitted call is allowed by every link, and barred by none.
 * writ_derive_check tells the holder of each link beforehand what its parent alone decides.
 *
 * Here only authority and terms vary; depths, times, signatures and proofs are always right. What
 * breaks those is in tests/unit.
 */
#include <string.h>

#include "domain_terms.h"
#include "draft.h"
#include "suites.h"
#include "tally.h"
#include "unit/forge.h"

enum { LINKS_MAX = 5 };

static struct domain_terms domain;
static struct writ_arena arena; /* of one chain */
static struct draft_world world;
static struct generate generate;

static void setup(void)
{
    writ_arena_init(&arena, 0);
    domain_terms_start(&domain);
}

static void teardown(void)
{
    writ_arena_done(&arena);
    domain_terms_done(&domain);
}

/* ---- A chain -------------------------------------------------------------------------------- */

struct link {
    const struct writ_json *tools; /* NULL: no entry */
    struct draft_tools stated;
    struct domain_choice choice;
};

struct chain {
    struct link links[LINKS_MAX];
    struct design_link terms[LINKS_MAX];
    size_t count;
    struct writ_slice tool;
    const struct writ_json *args;
};

static const struct writ_json *names_of(const struct writ_json *tools)
{
    struct writ_json *names = writ_json_new_array(&arena);
    for (size_t i = 0; tools && i < tools->count; i++)
        writ_json_add_text(&arena, names, tools->names[i]);
    return names;
}

static struct link random_link(const struct link *parent)
{
    struct link link = {.choice = domain_terms_random(&domain, &arena, &generate)};
    if (!parent)
        link.tools = generate_tools(&generate);
    else if (parent->tools && generate_number(&generate, 20) > 0)
        link.tools = generate_child(&generate, parent->tools);
    if (link.tools)
        link.stated = draft_tools_read(&world, link.tools);
    link.choice.stated.tools = names_of(link.tools);
    return link;
}

struct denial {
    const char *step; /* NULL: a permit; "": of our profile */
    int hop;
};

static struct denial judge_link(const struct chain *chain, size_t index)
{
    if (index == 0)
        return (struct denial){0};
    const char *step = draft_denies(&world, &chain->links[index - 1].stated,
                                    &chain->links[index].stated, DRAFT_CASE_SHADOWS);
    if (!step && design_denies(chain->terms, index + 1))
        step = "";
    return (struct denial){step, (int)index};
}

/* Most links are narrower, or no chain would get past its second. */
static void make_chain(struct chain *chain)
{
    enum { TRIES = 12 };
    const size_t count = 1 + generate_number(&generate, LINKS_MAX);
    memset(chain, 0, sizeof *chain);
    while (chain->count < count) {
        const size_t index = chain->count;
        struct link *link = &chain->links[index];
        const bool may_be_wider = generate_number(&generate, 16) == 0;
        for (int i = 0; i < TRIES; i++) {
            *link = random_link(index > 0 ? link - 1 : NULL);
            chain->terms[index] = link->choice.stated;
            if (may_be_wider || !judge_link(chain, index).step)
                break;
        }
        chain->count++;
    }
}

static bool is_allowed_by(const struct chain *chain, size_t link)
{
    const struct draft_args args = draft_args_read(&world, chain->args);
    return draft_allows(&world, &chain->links[link].stated, chain->tool, &args, DRAFT_CASE_SHADOWS);
}

/* A call of a tool of the leaf, if it has one; of a few, one that the leaf allows. */
static void make_call(struct chain *chain)
{
    enum { TRIES = 4 };
    const struct writ_json *tools = chain->links[chain->count - 1].tools;
    chain->tool = WRIT_SLICE_LITERAL("read_file");
    chain->args = writ_json_new_object(&arena);
    if (!tools || tools->count == 0)
        return;
    const size_t tool = generate_number(&generate, tools->count);
    chain->tool = tools->names[tool];
    for (int i = 0; i < TRIES; i++) {
        chain->args = generate_args(&generate, &tools->items[tool]);
        if (is_allowed_by(chain, chain->count - 1))
            return;
    }
}

/* ---- What is right -------------------------------------------------------------------------- */

static bool is_barred(const struct chain *chain)
{
    const struct design_link *leaf = &chain->terms[chain->count - 1];
    const struct writ_json *barred = writ_json_get(
        design_effective(&arena, chain->terms, chain->count), "barred");
    for (size_t i = 0; i < barred->count; i++) {
        const struct writ_json *bar = &barred->items[i];
        if (writ_slice_equal(writ_json_text(writ_json_get(bar, "tool")), chain->tool) &&
            (writ_slice_equal(writ_json_text(writ_json_get(bar, "agent")), leaf->agent) ||
             writ_slice_equal(writ_json_text(writ_json_get(bar, "key")), leaf->key)))
            return true;
    }
    return false;
}

static struct denial judge_chain(const struct chain *chain)
{
    const int leaf = (int)chain->count - 1;
    for (size_t i = 0; i < chain->count; i++) {
        const struct denial denial = judge_link(chain, i);
        if (denial.step)
            return denial;
    }
    if (!chain->links[leaf].tools)
        return (struct denial){"6a", leaf};
    if (!is_allowed_by(chain, (size_t)leaf) || is_barred(chain))
        return (struct denial){"6b", leaf};
    return (struct denial){0};
}

/* ---- What libwrit says ---------------------------------------------------------------------- */

static const char *text_of(const struct writ_json *json)
{
    return json ? (const char *)writ_json_verbatim(&arena, json).data : NULL;
}

/* The seed of the key of a link, as forge.h names it. */
static uint8_t seed_of(const struct link *link)
{
    return (uint8_t)(link->choice.key - domain.keys + 1);
}

static struct writ_verdict present(const struct chain *chain, struct forge_chain *forged)
{
    forge_chain_init(forged, &arena, chain->count);
    for (size_t i = 0; i < chain->count; i++) {
        const struct link *link = &chain->links[i];
        struct forge_object *claims = &forged->claims[i];
        forge_set(claims, "authorization_details",
                  forge_details(&arena, text_of(link->tools), text_of(chain->terms[i].terms)));
        forge_set(claims, "client_id",
                  writ_arena_printf(&arena, "\"%.*s\"", WRIT_SLICE_ARGS(chain->terms[i].agent)));
        forge_set(claims, "cnf", forge_cnf(&arena, seed_of(link)));
        if (i == 0)
            continue;
        forged->signer[i] = seed_of(link - 1);
        forge_set(claims, "iss",
                  writ_arena_printf(&arena, "\"urn:ietf:params:oauth:jwk-thumbprint:sha-256:%.*s\"",
                                    WRIT_SLICE_ARGS(chain->terms[i - 1].key)));
    }
    forged->proof_signer = seed_of(&chain->links[chain->count - 1]);
    forged->tool = writ_arena_text(&arena, chain->tool);
    forged->args = text_of(chain->args);
    forge_set(&forged->proof, "aat_tool", writ_arena_printf(&arena, "\"%s\"", forged->tool));
    forge_set(&forged->proof, "hta", forged->args);
    forge_seal(forged);
    return forge_judge(forged);
}

static void judge_case(const struct chain *chain, uint64_t seed, const struct writ_verdict *verdict)
{
    const struct denial right = judge_chain(chain);
    const struct writ_denial *denial = &verdict->denial;
    if (verdict->permit != !right.step ||
        (right.step && (strcmp(denial->step, right.step) != 0 || denial->hop != right.hop)))
        ck_abort_msg("WRIT_TEST_SEED=%zu: right is %s at %d; libwrit: %s at %d, %s %s",
                     (size_t)seed, right.step ? right.step : "a permit", right.hop,
                     verdict->permit ? "a permit" : denial->step, denial->hop, denial->field,
                     denial->detail);
    for (size_t i = 0; i < chain->count && verdict->permit; i++)
        if (!is_allowed_by(chain, i))
            ck_abort_msg("WRIT_TEST_SEED=%zu: permits what link %zu does not allow", (size_t)seed,
                         i);
}

/* What a holder checks before it signs link i, who knows of the chain no more than its parent. */
static void judge_derivation(const struct chain *chain, const struct forge_chain *forged, size_t i,
                             uint64_t seed)
{
    const char *step = draft_denies(&world, &chain->links[i - 1].stated, &chain->links[i].stated,
                                    DRAFT_CASE_SHADOWS);
    if (!step && design_denies(&chain->terms[i - 1], 2))
        step = "";
    struct writ_slice input = forged->links[i];
    while (input.data[input.size - 1] != '.')
        input.size--;
    input.size--;
    const char *wanted = chain->links[i].tools ? text_of(chain->links[i].tools) : "{}";
    struct writ_denial denial = {0};
    const bool ok = writ_is_ok(writ_derive_check(
        &arena, WRIT_PROFILE_AAT_02_WRIT, forged->links[i - 1], input, chain->links[i].choice.key,
        chain->terms[i].agent, writ_slice_text(wanted), &denial));
    if (ok != !step || (step && strcmp(step, denial.step) != 0))
        ck_abort_msg("WRIT_TEST_SEED=%zu: link %zu: right is %s; derivation: %s, %s %s",
                     (size_t)seed, i, step ? step : "yes", ok ? "yes" : denial.step, denial.field,
                     denial.detail);
}

START_TEST(permits_exactly_what_every_link_grants)
{
    const size_t chains = scaled(8000, 600);
    size_t permits = 0, links = 0, late = 0, by_terms = 0;
    for (uint64_t seed = first_seed(); seed < first_seed() + chains; seed++) {
        struct chain chain;
        struct forge_chain forged;
        writ_arena_done(&arena);
        draft_world_init(&world, &arena);
        MUST(generate_start(&generate, &arena, seed));
        make_chain(&chain);
        make_call(&chain);
        const struct writ_verdict verdict = present(&chain, &forged);
        judge_case(&chain, seed, &verdict);
        for (size_t i = 1; i < chain.count; i++)
            judge_derivation(&chain, &forged, i, seed);
        permits += verdict.permit;
        links += chain.count;
        late += !verdict.permit && verdict.denial.hop > 1;
        by_terms += !verdict.permit && strncmp(verdict.denial.field, "writ_terms", 10) == 0;
    }
    ck_assert_msg(permits > chains / 5 && late > chains / 20 && by_terms > chains / 50,
                  "%zu permits, %zu denied behind the second link, %zu by terms", permits, late,
                  by_terms);
    tally(chains, "signed chains of %zu links: %zu permits, %zu denied by terms (seeds from %zu)",
          links, permits, by_terms, (size_t)first_seed());
}
END_TEST

Suite *suite_chains(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, permits_exactly_what_every_link_grants);
    return suite_of("chains", tcase);
}
