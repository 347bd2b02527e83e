/* The memory of links: what it spares, and that it never changes a verdict (forge_judge holds every
 * chain of these tests against a memory; here is what needs one of its own). */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"
#include "suites.h"
#include "token/known.h"

static struct writ_arena lasting;
static struct writ_known *known;

static void make_memory(size_t capacity)
{
    writ_arena_init(&lasting, 0);
    known = writ_known_new(&lasting, capacity, (const uint8_t[16]){1});
    ck_assert_ptr_nonnull(known);
    chain.verifier.known = known;
}

static void setup(void)
{
    setup_chain();
    start_over(3);
    make_memory(64);
}

static void forget(void)
{
    writ_known_done(known);
    writ_arena_done(&lasting);
}

static void finish(void)
{
    forget();
    teardown();
}

/* With this memory, and not with that of forge_judge. */
static struct writ_verdict judge(void)
{
    const struct writ_presentation presentation = {chain.links, chain.count, chain.proof_compact};
    return writ_verify(&arena, &chain.verifier, &presentation, writ_slice_text(chain.tool),
                       writ_slice_text(chain.args));
}

static void warm(void)
{
    forge_seal(&chain);
    const struct writ_verdict verdict = judge();
    ck_assert_msg(verdict.permit, "%s: %s", verdict.denial.step, verdict.denial.detail);
}

static void denies(const char *what, const char *step, enum writ_status outcome, int hop)
{
    const struct writ_verdict verdict = judge();
    ck_assert_msg(!verdict.permit, "%s: permit", what);
    ck_assert_msg(strcmp(verdict.denial.step, step) == 0 && verdict.denial.outcome == outcome &&
                      verdict.denial.hop == hop,
                  "%s: %s at %s, hop %d", what, writ_status_code(verdict.denial.outcome),
                  verdict.denial.step, verdict.denial.hop);
}

START_TEST(knows_each_link_of_a_permit)
{
    forge_seal(&chain);
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_null(writ_known_find(known, chain.links[i]));
    ck_assert(judge().permit);
    for (size_t i = 0; i < 3; i++) {
        const struct writ_known_link *found = writ_known_find(known, chain.links[i]);
        ck_assert_ptr_nonnull(found);
        ck_assert(writ_slice_equal(found->link.jws.compact, chain.links[i]));
        ck_assert_ptr_ne(found->link.jws.compact.data, chain.links[i].data);
        ck_assert_ptr_null(found->link.verifier);
        ck_assert_ptr_null(found->link.parent);
    }
    ck_assert(judge().permit);
}
END_TEST

START_TEST(knows_no_link_of_a_denial)
{
    chain.proof_signer = 0xff;
    forge_seal(&chain);
    denies("proof of a stranger", "7b", WRIT_HOLDER_BINDING_FAILED, -1);
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_null(writ_known_find(known, chain.links[i]));
}
END_TEST

START_TEST(knows_nothing_without_a_memory)
{
    ck_assert_ptr_null(writ_known_find(NULL, chain.links[0]));
    writ_known_put(NULL, &chain.verifier, NULL, 1);
    writ_known_begin(NULL);
    writ_known_done(NULL);
    ck_assert_ptr_null(writ_known_new(&lasting, 0, (const uint8_t[16]){1}));
    ck_assert_ptr_null(writ_known_new(&lasting, SIZE_MAX, (const uint8_t[16]){1}));
}
END_TEST

/* A known link is not looked at again, so this is all that shows that it is known at all. */
START_TEST(spares_a_known_link_its_signature_and_its_parsing)
{
    warm();
    struct writ_slice stored[3];
    for (size_t i = 0; i < 3; i++) {
        stored[i] = chain.links[i];
        const struct writ_known_link *found = writ_known_find(known, stored[i]);
        uint8_t *bytes = (uint8_t *)(uintptr_t)found->link.jws.compact.data;
        uint8_t *payload = (uint8_t *)memchr(bytes, '.', stored[i].size) + 1;
        *payload ^= 1; /* no JSON any more */
        const struct writ_slice changed = writ_arena_copy(&arena, found->link.jws.compact);
        ck_assert_ptr_null(writ_known_find(known, stored[i]));
        chain.links[i] = changed;
    }
    ck_assert_msg(judge().permit, "bytes that no key has signed, planted in the memory");
}
END_TEST

START_TEST(judges_the_time_of_a_known_link)
{
    warm();
    chain.verifier.now_unix_s = FORGE_NOW + 1000000;
    denies("later", "3e", WRIT_EXPIRED, 0);
    chain.verifier.now_unix_s = FORGE_NOW - 1000000;
    denies("before", "3f", WRIT_NOT_YET_VALID, 0);
}
END_TEST

START_TEST(judges_the_limits_of_a_known_link)
{
    warm();
    chain.verifier.limits.max_delegation_depth = 1;
    denies("a lower ceiling", "3i", WRIT_DEPTH_INVALID, 0);
    chain.verifier.limits = writ_limits_default();
    chain.verifier.limits.max_token_lifetime_s = 1;
    denies("a shorter life", "3h", WRIT_MALFORMED, 0);
}
END_TEST

START_TEST(forgets_what_an_anchor_signed_when_it_is_trusted_no_more)
{
    warm();
    struct writ_anchor other = chain.anchor;
    other.key = forge_key(0x55);
    chain.verifier.anchors = &other;
    denies("another key", "3b", WRIT_SIGNATURE_INVALID, 0);
    other = chain.anchor;
    other.kid = WRIT_SLICE_LITERAL("k9");
    denies("another kid", "3b", WRIT_SIGNATURE_INVALID, 0);
    other = chain.anchor;
    other.issuer = WRIT_SLICE_LITERAL("https://other.test");
    denies("another issuer", "3k", WRIT_SIGNATURE_INVALID, 0);
    chain.verifier.anchors = &chain.anchor;
    ck_assert(judge().permit);
}
END_TEST

/* Two parents with one holder key: the child of the one is no child of the other. */
START_TEST(knows_a_child_under_its_own_parent_only)
{
    warm();
    const struct writ_slice child = chain.links[2], proof = chain.proof_compact;
    forge_set(&chain.claims[1], "jti", "\"another\"");
    warm();
    chain.links[2] = child;
    chain.proof_compact = proof;
    denies("spliced", "4q", WRIT_PAR_HASH_MISMATCH, 2);
    /* What such a parent does not have is said first, as it would be without a memory. */
    forge_set_tools(&chain, 1, "{\"send_email\":{\"to\":{\"constraint_type\":\"wildcard\"}}}");
    forge_seal(&chain);
    chain.links[2] = child;
    denies("spliced under a narrower one", "4p1", WRIT_NOT_NARROWER, 2);
}
END_TEST

/* What one profile or depth of constraints lets pass, another may not. */
START_TEST(knows_a_link_under_its_own_rules_only)
{
    warm();
    chain.verifier.limits.max_constraint_depth = 0;
    denies("shallower constraints", "3n/4o", WRIT_UNKNOWN_CONSTRAINT, 0);
    chain.verifier.limits = writ_limits_default();
    for (size_t i = 0; i < 3; i++)
        forge_set_tools(&chain, i,
                        "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\","
                        "\"root\":\"/\"}}}");
    warm();
    chain.verifier.profile = WRIT_PROFILE_AAT_02;
    denies("a constraint that the draft has not", "3n/4o", WRIT_UNKNOWN_CONSTRAINT, 0);
    chain.verifier.profile = WRIT_PROFILE_AAT_02_WRIT;
    for (size_t i = 0; i < 3; i++) {
        forge_set_tools(&chain, i, FORGE_TOOLS);
        forge_set(&chain.claims[i], "txn", NULL);
    }
    chain.verifier.profile = WRIT_PROFILE_AAT_02;
    warm();
    chain.verifier.profile = WRIT_PROFILE_AAT_02_WRIT;
    denies("a task that the strict profile does not ask for", "", WRIT_PRINCIPAL_ALTERED, 0);
}
END_TEST

START_TEST(folds_new_terms_on_those_of_a_known_parent)
{
    forge_set_terms(&chain, 0, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    warm();
    forge_set_terms(&chain, 2, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"6\"}]}");
    forge_seal(&chain);
    denies("more than the root has", "", WRIT_NOT_NARROWER, 2);
    forge_set_terms(&chain, 2, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"4\"}]}");
    warm();
}
END_TEST

/* A chain that is longer than its set of slots leaves the slots that its own tokens use. */
START_TEST(permits_a_chain_that_does_not_fit)
{
    for (size_t capacity = 1; capacity <= 4; capacity++) {
        start_over(9);
        forget();
        make_memory(capacity);
        warm();
        for (size_t i = 0; i < 9; i++)
            ck_assert((writ_known_find(known, chain.links[i]) != NULL) == (i < 4));
        ck_assert(judge().permit);
    }
    start_over(3);
    chain.verifier.known = known;
    forge_set(&chain.claims[0], "jti", "\"other\"");
    warm();
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(writ_known_find(known, chain.links[i]));
}
END_TEST

/* The one is not decoded; the other is, and its text, which has an escape, is one copy too many. */
START_TEST(does_not_remember_a_link_that_takes_much_memory)
{
    static const int SIZES[] = {40000, 25000};
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        forge_set(&chain.claims[2], "comment",
                  writ_arena_printf(&arena, "\"\\n%*s\"", SIZES[i], ""));
        warm();
        ck_assert_ptr_null(writ_known_find(known, chain.links[2]));
        ck_assert_ptr_nonnull(writ_known_find(known, chain.links[1]));
        ck_assert(judge().permit);
    }
}
END_TEST

/* A chain of one link, which is this root. */
static struct writ_slice warm_root(int number)
{
    const char *jti = writ_arena_printf(&arena, "\"root-%d\"", number);
    forge_set(&chain.claims[0], "jti", jti);
    forge_set(&chain.proof, "aat_id", jti);
    warm();
    return chain.links[0];
}

/* Each slot is used again and again, and whatever is in it is forgotten whole. */
START_TEST(remembers_the_last_chain_whatever_came_before)
{
    start_over(1);
    forget();
    make_memory(8);
    for (int i = 0; i < 150; i++)
        ck_assert_ptr_nonnull(writ_known_find(known, warm_root(i)));
}
END_TEST

START_TEST(forgets_the_link_that_was_used_longest_ago)
{
    struct writ_slice roots[4];
    start_over(1);
    forget();
    make_memory(4);
    for (int i = 0; i < 4; i++)
        roots[i] = warm_root(i);
    warm_root(0);
    warm_root(4);
    for (int i = 0; i < 4; i++)
        ck_assert((writ_known_find(known, roots[i]) != NULL) == (i != 1));
}
END_TEST

/* Its tokens point there, whatever comes below them. */
START_TEST(forgets_no_link_that_the_present_verification_has_found)
{
    start_over(5);
    forget();
    make_memory(4);
    for (uint8_t count = 4; count <= 5; count++) {
        chain.count = count;
        chain.proof_signer = count;
        forge_set(&chain.proof, "aat_id", count == 4 ? "\"link-3\"" : "\"link-4\"");
        warm();
    }
    for (size_t i = 0; i < 5; i++)
        ck_assert((writ_known_find(known, chain.links[i]) != NULL) == (i < 4));
}
END_TEST

START_TEST(remembers_a_link_once_under_the_rules_it_was_judged_by_last)
{
    for (int i = 0; i < 4; i++) {
        chain.verifier.profile = i % 2 ? WRIT_PROFILE_AAT_02 : WRIT_PROFILE_AAT_02_WRIT;
        warm();
        ck_assert_int_eq(writ_known_find(known, chain.links[0])->profile, chain.verifier.profile);
    }
}
END_TEST

START_TEST(puts_no_more_links_than_it_is_given)
{
    struct writ_token tokens[3];
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_chain_verify(&arena, &chain.verifier, chain.links, 3, tokens, &denial)));
    writ_known_put(known, &chain.verifier, tokens, 2);
    ck_assert_ptr_nonnull(writ_known_find(known, chain.links[1]));
    ck_assert_ptr_null(writ_known_find(known, chain.links[2]));
}
END_TEST

/* Which of nine links are known where there is room for eight. */
static unsigned places(uint8_t random)
{
    unsigned places = 0;
    writ_arena_init(&lasting, 0);
    known = writ_known_new(&lasting, 8, (const uint8_t[16]){random});
    chain.verifier.known = known;
    ck_assert(judge().permit);
    for (size_t i = 0; i < 9; i++)
        places |= writ_known_find(known, chain.links[i]) ? 1u << i : 0;
    return places;
}

/* So that nobody can make links that crowd each other out. */
START_TEST(places_links_by_its_random_bytes)
{
    start_over(9);
    forge_seal(&chain);
    forget();
    const unsigned first = places(0);
    bool is_other = false;
    for (uint8_t random = 1; random < 8; random++) {
        forget();
        is_other |= places(random) != first;
    }
    ck_assert(is_other);
}
END_TEST

START_TEST(is_made_whole_or_not_at_all)
{
    const uint8_t random[16] = {1};
    struct writ_known *made = NULL;
    for (size_t limit = 1; !made; limit += 64) {
        struct writ_arena small;
        writ_arena_init(&small, limit);
        made = writ_known_new(&small, 1, random);
        ck_assert_ptr_null(made ? writ_known_find(made, WRIT_SLICE_LITERAL("a.b.c")) : NULL);
        writ_known_done(made);
        writ_arena_done(&small);
    }
}
END_TEST

/* At the beginning of a page, behind one that can not be read. */
START_TEST(looks_up_a_text_that_is_shorter_than_a_signature)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0);
    ck_assert(pages != MAP_FAILED && mprotect(pages, page, PROT_NONE) == 0);
    for (size_t size = 0; size < 90; size++)
        ck_assert_ptr_null(writ_known_find(known, writ_slice_of(pages + page, size)));
    munmap(pages, 2 * page);
}
END_TEST

Suite *suite_known(void)
{
    TCase *tests = tcase_create("known");
    tcase_add_checked_fixture(tests, setup, finish);
    tcase_add_test(tests, knows_each_link_of_a_permit);
    tcase_add_test(tests, knows_no_link_of_a_denial);
    tcase_add_test(tests, knows_nothing_without_a_memory);
    tcase_add_test(tests, spares_a_known_link_its_signature_and_its_parsing);
    tcase_add_test(tests, judges_the_time_of_a_known_link);
    tcase_add_test(tests, judges_the_limits_of_a_known_link);
    tcase_add_test(tests, forgets_what_an_anchor_signed_when_it_is_trusted_no_more);
    tcase_add_test(tests, knows_a_child_under_its_own_parent_only);
    tcase_add_test(tests, knows_a_link_under_its_own_rules_only);
    tcase_add_test(tests, folds_new_terms_on_those_of_a_known_parent);
    tcase_add_test(tests, permits_a_chain_that_does_not_fit);
    tcase_add_test(tests, does_not_remember_a_link_that_takes_much_memory);
    tcase_add_test(tests, remembers_the_last_chain_whatever_came_before);
    tcase_add_test(tests, forgets_the_link_that_was_used_longest_ago);
    tcase_add_test(tests, forgets_no_link_that_the_present_verification_has_found);
    tcase_add_test(tests, remembers_a_link_once_under_the_rules_it_was_judged_by_last);
    tcase_add_test(tests, puts_no_more_links_than_it_is_given);
    tcase_add_test(tests, places_links_by_its_random_bytes);
    tcase_add_test(tests, is_made_whole_or_not_at_all);
    tcase_add_test(tests, looks_up_a_text_that_is_shorter_than_a_signature);
    return suite_of("known", tests);
}
