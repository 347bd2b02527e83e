/* Issuers: what is taken for a URI, and the anchor that a root's issuer has to be that of. */
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "token/rules.h"

static const struct {
    const char *issuer;
    bool is_uri;
} ISSUERS[] = {
    {"a:b", true},         {"z:b", true},      {"A:b", true},    {"Z:b", true},    {"a:b~!", true},
    {"a:", true},          {":b", false},      {"a", false},     {"ab", false},    {"`:b", false},
    {"{:b", false},        {"@:b", false},     {"[:b", false},   {"1:b", false},   {"a:b c", false},
    {"a:\xc3\xa9", false}, {"a:b\x7f", false}, {"a0:b", true},   {"a9:b", true},   {"a+-.:", true},
    {"a/:b", false},       {"a::", true},      {"a:09", true},   {"a:%a0", true},  {"a:%A0", true},
    {"a:%0f", true},       {"a:%0F", true},    {"a:%", false},   {"a:%4", false},  {"a:%@0", false},
    {"a:%:0", false},      {"a:%g0", false},   {"a:%0g", false}, {"a:%G0", false}, {"a: 00", false},
    {"+a:b", false},
};

START_TEST(takes_a_root_only_under_an_issuer_that_is_a_uri)
{
    for (size_t i = 0; i < COUNT(ISSUERS); i++) {
        start_over(1);
        chain.anchor.issuer = writ_slice_text(ISSUERS[i].issuer);
        forge_set(&chain.claims[0], "iss", writ_arena_printf(&arena, "\"%s\"", ISSUERS[i].issuer));
        if (ISSUERS[i].is_uri)
            forge_permits(&chain, ISSUERS[i].issuer);
        else
            forge_denies(&chain, ISSUERS[i].issuer, "3k", WRIT_SIGNATURE_INVALID, 0);
    }
}
END_TEST

/* One key under two issuers, each with a kid of its own. */
START_TEST(takes_an_issuer_only_with_the_kid_of_its_anchor)
{
    start_over(1);
    const struct writ_anchor anchors[] = {
        {.issuer = writ_slice_text("https://one.test"),
         .kid = writ_slice_text("k1"),
         .key = forge_key(FORGE_ISSUER_SEED)},
        {.issuer = writ_slice_text("https://two.test"),
         .kid = writ_slice_text("k2"),
         .key = forge_key(FORGE_ISSUER_SEED)},
    };
    chain.verifier.anchors = anchors;
    chain.verifier.anchor_count = 2;
    chain.header[0] = "{\"alg\":\"Ed25519\",\"kid\":\"k2\",\"typ\":\"aat+jwt\"}";
    forge_set(&chain.claims[0], "iss", "\"https://two.test\"");
    forge_permits(&chain, "its own");
    forge_set(&chain.claims[0], "iss", "\"https://one.test\"");
    forge_denies(&chain, "that of the other", "3k", WRIT_SIGNATURE_INVALID, 0);
    chain.header[0] = FORGE_HEADER;
    forge_denies(&chain, "no kid", "3b", WRIT_SIGNATURE_INVALID, 0);
}
END_TEST

/* Judged up to its issuer, of which the text is a part that ends in the midst of more. */
static bool takes_issuer(struct writ_slice text)
{
    const struct writ_json iss = {.type = WRIT_JSON_STRING, .text = text};
    start_over(1);
    chain.anchor.issuer = text;
    forge_seal(&chain);
    struct writ_link link = {.verifier = &chain.verifier};
    ck_assert(writ_is_ok(writ_link_open(&arena, chain.links[0], &link, &denial)));
    ck_assert(writ_is_ok(writ_link_read(&arena, &link, &denial)));
    link.signer = chain.anchor.key;
    link.claims.iss = &iss;
    return writ_is_ok(writ_rules_judge(&link, WRIT_RULES_ROOT, &denial));
}

START_TEST(reads_no_issuer_beyond_its_end)
{
    ck_assert(takes_issuer(writ_slice_of("a:%412", 5)));
    ck_assert(!takes_issuer(writ_slice_of("a:%412", 4)));
    ck_assert(!takes_issuer(writ_slice_of("a:%412", 3)));
    ck_assert(!takes_issuer(writ_slice_of("ab:", 2)));
    ck_assert(!takes_issuer(writ_slice_of("a:\0b", 4)));
    ck_assert(!takes_issuer(writ_slice_of("a\0:b", 4)));
}
END_TEST

Suite *suite_issuer(void)
{
    TCase *tests = tcase_create("issuer");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_add_test(tests, takes_a_root_only_under_an_issuer_that_is_a_uri);
    tcase_add_test(tests, takes_an_issuer_only_with_the_kid_of_its_anchor);
    tcase_add_test(tests, reads_no_issuer_beyond_its_end);
    return suite_of("issuer", tests);
}
