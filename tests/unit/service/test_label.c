/* What memory knows of a task's label: a lower bound, for a while. */
#include "ledger/label.h"
#include "suites.h"

enum { NOW_US = 7000000 };

static const struct writ_json NAMES[] = {
    {.type = WRIT_JSON_STRING, .text = WRIT_SLICE_LITERAL("pii")},
};
static const struct writ_json NONE = {.type = WRIT_JSON_ARRAY};

START_TEST(a_label_is_reached_in_each_component_or_not_at_all)
{
    for (int known = 0; known < 8; known++)
        for (int asked = 0; asked < 8; asked++) {
            const struct writ_label is = {(enum writ_confidentiality)(known / 2),
                                          (enum writ_integrity)(known % 2), &NONE};
            const struct writ_label of = {(enum writ_confidentiality)(asked / 2),
                                          (enum writ_integrity)(asked % 2), &NONE};
            const int64_t word = label_known(&is, true, NOW_US);
            ck_assert_int_eq(label_reached(word, &of), writ_label_within(&of, &is));
            ck_assert_int_eq(label_holds(word, &of, NOW_US), writ_label_within(&of, &is));
        }
}
END_TEST

START_TEST(it_holds_for_thirty_seconds_and_only_where_nobody_wants_it_lowered)
{
    const struct writ_label label = {WRIT_LABEL_INTERNAL, WRIT_LABEL_UNTRUSTED, &NONE};
    const int64_t word = label_known(&label, true, NOW_US);
    ck_assert(label_holds(word, &label, NOW_US + LABEL_KNOWN_US - 1000));
    ck_assert(!label_holds(word, &label, NOW_US + LABEL_KNOWN_US));
    ck_assert(label_reached(word, &label));
    ck_assert(!label_holds(label_known(&label, false, NOW_US), &label, NOW_US));
}
END_TEST

START_TEST(nothing_is_known_of_categories_or_before_anything_was_read)
{
    struct writ_json names = {.type = WRIT_JSON_ARRAY, .count = 1};
    struct writ_json name = NAMES[0];
    names.items = &name;
    const struct writ_label bottom = {WRIT_LABEL_PUBLIC, WRIT_LABEL_TRUSTED, &NONE};
    const struct writ_label personal = {WRIT_LABEL_PUBLIC, WRIT_LABEL_TRUSTED, &names};
    ck_assert(!label_reached(0, &bottom));
    ck_assert(label_holds(label_known(NULL, true, NOW_US), &bottom, NOW_US));
    ck_assert(!label_holds(label_known(&personal, true, NOW_US), &personal, NOW_US));
}
END_TEST

START_TEST(what_a_policy_is_told_is_what_was_read_and_only_while_it_can_not_be_lower)
{
    for (int is = 0; is < 8; is++) {
        const struct writ_label label = {(enum writ_confidentiality)(is / 2),
                                         (enum writ_integrity)(is % 2), &NONE};
        const int64_t word = label_known(&label, true, NOW_US);
        const struct writ_label told = label_as_known(word);
        ck_assert_int_eq(told.confidentiality, label.confidentiality);
        ck_assert_int_eq(told.integrity, label.integrity);
        ck_assert(label_is_fresh(word, NOW_US + LABEL_KNOWN_US - 1000));
        ck_assert(!label_is_fresh(word, NOW_US + LABEL_KNOWN_US));
        ck_assert(!label_is_fresh(label_known(&label, false, NOW_US), NOW_US));
    }
    ck_assert(!label_is_fresh(0, NOW_US));
}
END_TEST

Suite *suite_label(void)
{
    TCase *tests = tcase_create("label");
    tcase_add_test(tests, a_label_is_reached_in_each_component_or_not_at_all);
    tcase_add_test(tests, it_holds_for_thirty_seconds_and_only_where_nobody_wants_it_lowered);
    tcase_add_test(tests, nothing_is_known_of_categories_or_before_anything_was_read);
    tcase_add_test(tests,
                   what_a_policy_is_told_is_what_was_read_and_only_while_it_can_not_be_lower);
    return suite_of("label", tests);
}
