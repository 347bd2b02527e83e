/*
 * The fold of writ_terms over chains of three links, member by member and exhaustively:
 *
 *   clearance   absent; every label of three levels, both integrities and the subsets of two
 *               categories; labels with only one component
 *   approval    absent; the lists of up to two of three rules, in every order, with repeats
 *   call_only   absent; the subsets of two tools, each with the links that have no tools, none,
 *               one of the two, or both
 *   pass_only   absent; the subsets of two tools, by two agents with two keys each
 *   budget      absent; two accounts, of which one has four limits that would sort differently as
 *               text, each with three per_call, and the other two limits
 *
 * and then all members at once over longer random chains. For each link: libwrit refuses by the
 * member by which the table does; its effective terms are what the table sums up to; they survive
 * the ledger; and whatever they permit (a label to read, a tool to call or to pass on, an amount to
 * spend, a call without an approval), the parent's permit too.
 */
#include <string.h>

#include "domain_terms.h"
#include "suites.h"
#include "tally.h"

enum { LINKS_MAX = 6 };

static struct domain_terms domain;
static struct writ_arena scratch; /* of what was folded */

static void setup(void)
{
    writ_arena_init(&scratch, 0);
    domain_terms_start(&domain);
}

static void teardown(void)
{
    writ_arena_done(&scratch);
    domain_terms_done(&domain);
}

/* ---- What effective terms permit ------------------------------------------------------------- */

static bool reads_no_more(const struct writ_effective *parent, const struct writ_effective *child)
{
    for (size_t i = 0; i < domain.labels->count; i++) {
        struct writ_label read;
        MUST(writ_is_ok(writ_label_read(&scratch, &domain.labels->items[i], &read)));
        if (writ_label_within(&read, &child->clearance) &&
            !writ_label_within(&read, &parent->clearance))
            return false;
    }
    return true;
}

static bool is_approved_as_much(const struct writ_effective *parent,
                                const struct writ_effective *child)
{
    for (size_t tool = 0; tool < DOMAIN_TOOLS; tool++) {
        const struct writ_slice name = writ_slice_text(DOMAIN_TOOL_NAMES[tool]);
        const struct writ_json *above = writ_effective_approvals(&scratch, parent, name);
        const struct writ_json *below = writ_effective_approvals(&scratch, child, name);
        for (size_t i = 0; i < above->count; i++) {
            bool kept = false;
            for (size_t j = 0; j < below->count; j++)
                kept = kept || writ_json_equal(&above->items[i], &below->items[j]);
            if (!kept)
                return false;
        }
    }
    return true;
}

static bool passes_on_no_more(const struct writ_effective *parent,
                              const struct writ_effective *child)
{
    const struct writ_authority *above = NULL, *below = NULL;
    MUST(writ_is_ok(writ_effective_passable(&scratch, parent, domain.everything, &above)));
    MUST(writ_is_ok(writ_effective_passable(&scratch, child, domain.everything, &below)));
    for (size_t i = 0; i < below->tool_count; i++)
        if (!writ_authority_tool(above, below->tools[i].name))
            return false;
    return true;
}

static bool calls_no_more(const struct writ_effective *parent, const struct writ_effective *child)
{
    struct writ_denial denial = {0};
    for (size_t tool = 0; tool < DOMAIN_TOOLS; tool++)
        for (size_t agent = 0; agent < DOMAIN_AGENTS; agent++)
            for (size_t key = 0; key < DOMAIN_KEYS; key++) {
                const struct writ_slice name = writ_slice_text(DOMAIN_TOOL_NAMES[tool]);
                const struct writ_slice who = writ_slice_text(DOMAIN_AGENT_NAMES[agent]);
                if (writ_is_ok(
                        writ_effective_may_call(child, name, who, &domain.keys[key], &denial)) &&
                    !writ_is_ok(
                        writ_effective_may_call(parent, name, who, &domain.keys[key], &denial)))
                    return false;
            }
    return true;
}

/* Each account that bounds the parent bounds the child, by amounts that are no larger. */
static bool spends_no_more(const struct writ_effective *parent, const struct writ_effective *child)
{
    static const char *const AMOUNTS[] = {"limit", "per_call"};
    for (size_t i = 0; i < parent->budget->count; i++) {
        const struct writ_json *above = &parent->budget->items[i], *below = NULL;
        const struct writ_json *unit = writ_json_get(above, "unit");
        for (size_t j = 0; j < child->budget->count; j++) /* here a unit has one account */
            if (writ_json_equal(writ_json_get(&child->budget->items[j], "unit"), unit))
                below = &child->budget->items[j];
        for (size_t j = 0; j < COUNT(AMOUNTS); j++) {
            const struct writ_json *bound = writ_json_get(above, AMOUNTS[j]);
            const struct writ_json *now = writ_json_get(below, AMOUNTS[j]);
            if (bound && (!now || design_amount(now->text) > design_amount(bound->text)))
                return false;
        }
    }
    return true;
}

static const struct {
    const char *what;
    bool (*holds)(const struct writ_effective *parent, const struct writ_effective *child);
} QUESTIONS[] = {
    {"the child reads more", reads_no_more},
    {"the child needs fewer approvals", is_approved_as_much},
    {"the child passes on more", passes_on_no_more},
    {"the child calls more", calls_no_more},
    {"the child spends more", spends_no_more},
};

/* ---- One link more --------------------------------------------------------------------------- */

/* RFC 8785 text of a link's terms or tools, for a message. */
static const char *text_of(const struct writ_json *json)
{
    return json ? (const char *)writ_json_canonical(&scratch, json).data : "none";
}

static const char *chain_text(const struct design_link *links, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = writ_arena_printf(&scratch, "%s\n  %s, tools %s, %.*s", text,
                                 text_of(links[i].terms), text_of(links[i].tools),
                                 WRIT_SLICE_ARGS(links[i].agent));
    return text;
}

static bool is_same_but_for_order(const struct writ_json *a, const struct writ_json *b)
{
    if (a->type != b->type || a->count != b->count || a->type < WRIT_JSON_ARRAY)
        return writ_json_equal(a, b);
    for (size_t i = 0; i < a->count; i++) {
        bool found = false;
        for (size_t j = 0; j < b->count && !found; j++)
            found = (a->type == WRIT_JSON_ARRAY || writ_slice_equal(a->names[i], b->names[j])) &&
                    is_same_but_for_order(&a->items[i], &b->items[j]);
        if (!found)
            return false;
    }
    return true;
}

/* What the ledger keeps reads back as the same. */
static bool survives_the_ledger(const struct writ_json *json)
{
    struct writ_effective again;
    return writ_is_ok(writ_effective_read(&scratch, json, &again)) &&
           writ_json_equal(writ_effective_json(&scratch, &again), json);
}

static void judge_effective(const struct design_link *links, size_t count,
                            const struct writ_effective *parent, const struct writ_effective *child)
{
    const struct writ_json *effective = writ_effective_json(&scratch, child);
    MUST(effective);
    if (!is_same_but_for_order(effective, design_effective(&scratch, links, count)))
        ck_abort_msg("sums up to %s:%s", text_of(effective), chain_text(links, count));
    if (!survives_the_ledger(effective))
        ck_abort_msg("does not survive the ledger:%s", chain_text(links, count));
    for (size_t i = 0; parent && i < COUNT(QUESTIONS); i++)
        if (!QUESTIONS[i].holds(parent, child))
            ck_abort_msg("%s:%s", QUESTIONS[i].what, chain_text(links, count));
}

/* Folds the last of the links on what its parent has; false where both refuse it. */
static bool fold(const struct domain_choice *choice, struct design_link *links, size_t count,
                 const struct writ_effective *parent, struct writ_effective *ret_effective)
{
    struct writ_denial denial = {0};
    links[count - 1] = choice->stated;
    const bool ok = writ_is_ok(writ_terms_fold(&scratch, parent, &choice->read, choice->authority,
                                               choice->stated.agent, choice->key, ret_effective,
                                               &denial));
    const char *member = design_denies(links, count);
    if (ok != !member)
        ck_abort_msg("the table says %s, libwrit %s:%s", member ? member : "yes",
                     ok ? "yes" : denial.field, chain_text(links, count));
    if (member && (strncmp(denial.field, "writ_terms.", 11) != 0 ||
                   strncmp(denial.field + 11, member, strlen(member)) != 0 ||
                   denial.outcome != WRIT_NOT_NARROWER))
        ck_abort_msg("the table says %s, libwrit %s:%s", member, denial.field,
                     chain_text(links, count));
    if (ok)
        judge_effective(links, count, parent, ret_effective);
    return ok;
}

/* ---- Chains ---------------------------------------------------------------------------------- */

START_TEST(never_gains_by_a_member_whatever_three_links_say_of_it)
{
    const struct domain_choice *choices = &domain.choices[domain.starts[_i]];
    const size_t count = domain.starts[_i + 1] - domain.starts[_i], step = scaled(1, 3);
    size_t judged = 0, refused = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            struct design_link links[LINKS_MAX];
            struct writ_effective root, child, leaf;
            writ_arena_done(&scratch);
            MUST(fold(&choices[i], links, 1, NULL, &root));
            const bool ok = fold(&choices[j], links, 2, &root, &child);
            judged++;
            refused += !ok;
            for (size_t k = j % step; ok && k < count; k += step) {
                refused += !fold(&choices[k], links, 3, &child, &leaf);
                judged++;
            }
        }
    MUST((refused > 0) == (strcmp(DOMAIN_MEMBER_NAMES[_i], "pass_only") != 0)); /* only adds */
    tally(judged, "links with %s in chains of three: %zu choices, %zu refused",
          DOMAIN_MEMBER_NAMES[_i], count, refused);
}
END_TEST

START_TEST(never_gains_by_all_members_at_once)
{
    enum { TRIES = 12 }; /* a link that is refused is replaced, so that chains grow long */
    const size_t chains = scaled(40000, 4000);
    size_t judged = 0, refused = 0;
    for (size_t chain = 0; chain < chains; chain++) {
        struct generate generate = {.state = first_seed() + chain};
        struct design_link links[LINKS_MAX];
        struct writ_effective effective[LINKS_MAX];
        size_t count = 0;
        writ_arena_done(&scratch);
        for (int i = 0; i < TRIES && count < LINKS_MAX; i++) {
            const struct domain_choice choice = domain_terms_random(&domain, &scratch, &generate);
            const struct writ_effective *parent = count > 0 ? &effective[count - 1] : NULL;
            const bool ok = fold(&choice, links, count + 1, parent, &effective[count]);
            judged++;
            refused += !ok;
            count += ok;
        }
    }
    tally(judged, "links of random chains of up to %d: %zu refused (seeds from %zu)", LINKS_MAX,
          refused, (size_t)first_seed());
}
END_TEST

Suite *suite_terms(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, never_gains_by_a_member_whatever_three_links_say_of_it, 0,
                        DOMAIN_MEMBERS);
    tcase_add_test(tcase, never_gains_by_all_members_at_once);
    return suite_of("terms", tcase);
}
