/*
 * The attack classes that others published for chains of delegated tokens (UCAN, Biscuit, the
 * agent delegation chain of WIMSE), rebuilt as AAT chains: tests/vectors/attacks.json. Each case
 * starts from a good chain of forge.h, makes its changes, and says what becomes of the call. What
 * can not exist here stands there with the reason. The file explains its members.
 */
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "vector.h"

enum { CASES = 166, ABSENT = 22, PUBLISHED = 158 };

/* The file is read once; the arena of the chain begins anew with each case. */
static struct writ_arena file_arena;
static const struct writ_json *file;

static void open_file(void)
{
    writ_arena_init(&file_arena, 0);
    file = vector_read(&file_arena, "attacks.json");
}

static void close_file(void)
{
    writ_arena_done(&file_arena);
}

static const char *json_text(const struct writ_json *value)
{
    return (const char *)writ_json_verbatim(&arena, value).data;
}

static const char *text_of(const struct writ_json *object, const char *name)
{
    return writ_arena_text(&arena, vector_text(object, name));
}

/* ---- One change ------------------------------------------------------------------------------ */

static struct forge_object *claims_of(struct forge_chain *forged, const struct writ_json *on)
{
    if (on->type == WRIT_JSON_STRING)
        return &forged->proof;
    const size_t link = (size_t)on->number;
    ck_assert_uint_lt(link, forged->count);
    return &forged->claims[link];
}

static void change_claim(struct forge_object *claims, const struct writ_json *change)
{
    const struct writ_json *value = writ_json_get(change, "value");
    if (writ_json_get(change, "tools"))
        forge_set(claims, "authorization_details",
                  forge_details(&arena, json_text(writ_json_get(change, "tools")), NULL));
    else if (writ_json_get(change, "claim"))
        forge_set(claims, text_of(change, "claim"),
                  value ? json_text(value) : text_of(change, "text"));
    else if (writ_json_get(change, "remove"))
        forge_set(claims, text_of(change, "remove"), NULL);
}

static void change_frame(struct forge_chain *forged, const struct writ_json *change)
{
    const struct writ_json *on = vector_get(change, "on");
    const bool is_proof = on->type == WRIT_JSON_STRING;
    const char **header = is_proof ? &forged->proof_header : &forged->header[(size_t)on->number];
    uint8_t *signer = is_proof ? &forged->proof_signer : &forged->signer[(size_t)on->number];
    if (writ_json_get(change, "header"))
        *header = json_text(writ_json_get(change, "header"));
    if (writ_json_get(change, "signer"))
        *signer = (uint8_t)vector_number(change, "signer");
}

static void apply(struct forge_chain *forged, const struct writ_json *changes)
{
    for (size_t i = 0; changes && i < changes->count; i++) {
        change_claim(claims_of(forged, vector_get(&changes->items[i], "on")), &changes->items[i]);
        change_frame(forged, &changes->items[i]);
    }
}

/* ---- What is done to a chain that is sealed -------------------------------------------------- */

/* Part 0, 1 or 2 of the link becomes another text, or goes with its dot. */
static void replace_part(struct writ_slice *compact, const struct writ_json *change)
{
    const int64_t wanted = vector_number(change, "part");
    const struct writ_json *becomes = vector_get(change, "becomes");
    const char *text = "";
    size_t begin = 0, parts = 0;
    for (int64_t part = 0; part < 3; part++) {
        size_t end = begin;
        while (end < compact->size && compact->data[end] != '.')
            end++;
        const struct writ_slice own = writ_slice_of(compact->data + begin, end - begin);
        const struct writ_slice now = part == wanted ? writ_json_text(becomes) : own;
        if (part != wanted || becomes->type != WRIT_JSON_NULL)
            text = writ_arena_printf(&arena, "%s%s%.*s", text, parts++ > 0 ? "." : "",
                                     WRIT_SLICE_ARGS(now));
        begin = end + 1;
    }
    *compact = writ_slice_text(text);
}

/* The first character of a signature carries no unused bits: another one is another signature. */
static void alter_signature(struct writ_slice *compact)
{
    char *text = writ_arena_text(&arena, *compact);
    char *first = strrchr(text, '.') + 1;
    *first = *first == 'A' ? 'B' : 'A';
    *compact = writ_slice_text(text);
}

static void change_sealed(const struct writ_json *changes)
{
    for (size_t i = 0; changes && i < changes->count; i++) {
        const struct writ_json *change = &changes->items[i];
        struct writ_slice *link = &chain.links[(size_t)vector_number(change, "on")];
        if (writ_json_get(change, "alter_signature"))
            alter_signature(link);
        else
            replace_part(link, change);
    }
}

/* Links of the sealed chain as the attacker presents them. */
static void present(const struct writ_json *order)
{
    struct writ_slice links[FORGE_LINKS_MAX];
    if (!order)
        return;
    memcpy(links, chain.links, sizeof links);
    for (size_t i = 0; i < order->count; i++)
        chain.links[i] = links[(size_t)order->items[i].number];
    chain.count = order->count;
}

/* ---- One case -------------------------------------------------------------------------------- */

static bool always_replayed(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                            int64_t iat_unix_s)
{
    (void)context, (void)leaf_hash, (void)jti, (void)iat_unix_s;
    return true;
}

static void set_verifier(const struct writ_json *verifier)
{
    if (writ_json_get(verifier, "audience"))
        chain.verifier.audience = vector_text(verifier, "audience");
    if (writ_json_get(verifier, "nonce"))
        chain.verifier.nonce = vector_text(verifier, "nonce");
    if (writ_json_get(verifier, "replayed"))
        chain.verifier.replayed = always_replayed;
}

/* The invocation, and a proof of just that. */
static void set_call(struct forge_chain *forged, const struct writ_json *call)
{
    forged->tool = text_of(call, "tool");
    forged->args = json_text(vector_get(call, "args"));
    forge_set(&forged->proof, "aat_tool", json_text(vector_get(call, "tool")));
    forge_set(&forged->proof, "hta", forged->args);
}

/* The good chain; `test` may ask for another number of links. */
static void build(struct forge_chain *forged, const struct writ_json *base,
                  const struct writ_json *test)
{
    const struct writ_json *links = writ_json_get(test, "links");
    forge_chain_init(forged, &arena, (size_t)vector_number(links ? test : base, "links"));
    apply(forged, writ_json_get(base, "change"));
    set_call(forged, vector_get(base, "call"));
}

static struct writ_verdict judge_with(const struct forge_chain *forged, struct writ_known *known)
{
    const struct writ_presentation presentation = {forged->links, forged->count,
                                                   forged->proof_compact};
    struct writ_verifier verifier = forged->verifier;
    verifier.known = known;
    return writ_verify(&arena, &verifier, &presentation, writ_slice_text(forged->tool),
                       writ_slice_text(forged->args));
}

/* A link of another chain of the same people, in the place of ours; that chain was seen before. */
static void transplant(const struct writ_json *base, const struct writ_json *test,
                       struct writ_known *known)
{
    const struct writ_json *other = writ_json_get(test, "transplant");
    if (!other)
        return;
    struct forge_chain donor;
    const size_t link = (size_t)vector_number(other, "link");
    build(&donor, base, test);
    apply(&donor, vector_get(other, "change"));
    forge_seal(&donor);
    ck_assert(judge_with(&donor, known).permit);
    chain.links[link] = donor.links[link];
}

/* Makes what the attacker presents to a verifier that has permitted the good chain before. */
static void play(const struct writ_json *test, struct writ_known *known)
{
    const struct writ_json *base = vector_get(vector_get(file, "bases"), text_of(test, "base"));
    struct forge_chain good;
    build(&good, base, test);
    forge_seal(&good);
    ck_assert(judge_with(&good, known).permit);

    build(&chain, base, test);
    if (writ_json_get(test, "call"))
        set_call(&chain, writ_json_get(test, "call"));
    apply(&chain, writ_json_get(test, "change"));
    set_verifier(writ_json_get(test, "verifier"));
    forge_seal(&chain);
    change_sealed(writ_json_get(test, "sealed"));
    transplant(base, test, known);
    present(writ_json_get(test, "order"));
}

/* "permit", or "STEP OUTCOME HOP", "-" for what is no step of the draft. */
static const char *verdict_text(const struct writ_verdict *verdict)
{
    const struct writ_denial *denied = &verdict->denial;
    if (verdict->permit)
        return "permit";
    return writ_arena_printf(&arena, "%s %s %d", denied->step[0] ? denied->step : "-",
                             writ_status_code(denied->outcome), denied->hop);
}

/* Once without a memory of links, once with one that knows those of the good chain. */
START_TEST(judges_each_class_as_the_table_says)
{
    const struct writ_json *test = &vector_get(file, "cases")->items[_i];
    struct writ_arena lasting;
    writ_arena_init(&lasting, 0);
    struct writ_known *known = writ_known_new(&lasting, 64, (const uint8_t[16]){9});
    play(test, known);
    const struct writ_verdict verdicts[] = {forge_judge(&chain), judge_with(&chain, known)};
    writ_known_done(known);
    writ_arena_done(&lasting);
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        const char *found = verdict_text(&verdicts[i]);
        ck_assert_msg(writ_slice_is(vector_text(test, "expect"), found), "%s: %s, not %s (%s %s)%s",
                      text_of(test, "id"), found, text_of(test, "expect"), verdicts[i].denial.field,
                      verdicts[i].denial.detail, i == 0 ? "" : " with a memory");
    }
}
END_TEST

START_TEST(each_base_is_permitted_as_it_stands)
{
    const struct writ_json *bases = vector_get(file, "bases");
    for (size_t i = 0; i < bases->count; i++) {
        build(&chain, &bases->items[i], NULL);
        forge_permits(&chain, (const char *)bases->names[i].data);
    }
}
END_TEST

/* How many rows of an array come from the case of this name. */
static size_t count_from(const char *array, const char *name)
{
    const struct writ_json *rows = vector_get(file, array);
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++)
        count += writ_slice_is(vector_text(&rows->items[i], "from"), name);
    return count;
}

START_TEST(each_published_case_is_played_or_explained)
{
    const struct writ_json *published = vector_get(file, "published");
    size_t cases = 0, rows = 0;
    for (size_t i = 0; i < published->count; i++)
        for (size_t k = 0; k < published->items[i].count; k++, cases++) {
            const char *name = writ_arena_printf(
                &arena, "%.*s%.*s", WRIT_SLICE_ARGS(published->names[i]),
                WRIT_SLICE_ARGS(published->items[i].items[k].text));
            const size_t found = count_from("cases", name) + count_from("absent", name);
            ck_assert_msg(found > 0, "%s", name);
            rows += found;
        }
    ck_assert_uint_eq(cases, PUBLISHED);
    ck_assert_uint_eq(rows, CASES + ABSENT); /* so that each row is of a published case */
}
END_TEST

static void check_rows(const char *array, const char *says, size_t count)
{
    const struct writ_json *rows = vector_get(file, array);
    ck_assert_uint_eq(rows->count, count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct writ_json *row = &rows->items[i];
        const struct writ_slice id = vector_text(row, "id");
        ck_assert_msg(vector_text(row, "class").size > 0 && vector_text(row, says).size > 0, "%.*s",
                      WRIT_SLICE_ARGS(id));
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!writ_slice_equal(id, vector_text(&rows->items[k], "id")), "%.*s twice",
                          WRIT_SLICE_ARGS(id));
    }
}

START_TEST(each_row_has_a_name_of_its_own_and_a_verdict_or_a_reason)
{
    check_rows("cases", "expect", CASES);
    check_rows("absent", "absent", ABSENT);
}
END_TEST

Suite *suite_attacks(void)
{
    TCase *tests = tcase_create("attacks");
    tcase_add_unchecked_fixture(tests, open_file, close_file);
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_loop_test(tests, judges_each_class_as_the_table_says, 0, CASES);
    tcase_add_test(tests, each_base_is_permitted_as_it_stands);
    tcase_add_test(tests, each_published_case_is_played_or_explained);
    tcase_add_test(tests, each_row_has_a_name_of_its_own_and_a_verdict_or_a_reason);
    return suite_of("attacks", tests);
}
