/*
 * What most suites of the library start from: an arena, a denial, and a chain of links to break.
 * Each test begins with setup_arena or setup_chain and ends with teardown.
 */
#ifndef WRIT_TESTS_UNIT_FIXTURE_H
#define WRIT_TESTS_UNIT_FIXTURE_H

#include "authority/authority.h"
#include "forge.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define OURS WRIT_PROFILE_AAT_02_WRIT
#define STRICT WRIT_PROFILE_AAT_02

extern struct writ_arena arena;
extern struct writ_denial denial;
extern struct forge_chain chain;

void setup_arena(void);
void setup_chain(void); /* an arena, and a chain of two links */
void teardown(void);
void start_over(size_t links); /* another chain, in an empty arena */

/* Each fails the test when what it reads is not well-formed. */
const struct writ_json *parse(const char *text);
const struct writ_authority *authority_read(const struct writ_json *tools);
struct writ_constraint constraint_read(const struct writ_json *json);
/* From notation, which is easier on the eye: "t(x <= 5)" and "<= 5". */
const struct writ_authority *authority_of(const char *notation);
struct writ_constraint constraint_of(const char *notation);

/* That the last denial of the sealed chain names the claim of this case, which was changed. */
void names_its_claim(const struct forge_case *test);

/* Names the case when it goes wrong. */
const char *title(const struct forge_case *test);

#endif
