/*
 * A finite domain of authorities and of calls, and what has to hold of all of them. The tests fill
 * it: test_maps.c with the maps of one tool, test_authorities.c with several tools.
 */
#ifndef WRIT_TESTS_PROPERTIES_DOMAIN_TOOLS_H
#define WRIT_TESTS_PROPERTIES_DOMAIN_TOOLS_H

#include "authority/authority.h"
#include "draft.h"

struct domain_call {
    struct writ_slice tool;
    const struct writ_json *args;
    struct draft_args stated;
};

struct domain_authority {
    const struct writ_json *json;
    const struct writ_authority *read; /* by libwrit */
    struct draft_tools stated;         /* by the draft */
    struct draft_set allowed;          /* calls, by their number, as the draft allows them */
    struct draft_set below;            /* authorities of the domain that it denies nothing */
};

struct domain_tools {
    enum writ_profile profile;
    enum draft_case names; /* by the profile */
    struct writ_arena arena;
    struct draft_world world;
    struct domain_call calls[DRAFT_VALUES_MAX];
    size_t call_count;
    struct domain_authority authorities[DRAFT_VALUES_MAX];
    size_t count;
};

void domain_tools_start(struct domain_tools *domain, enum writ_profile profile);
void domain_tools_done(struct domain_tools *domain);
/* All calls come before the first authority. */
void domain_tools_add_call(struct domain_tools *domain, const char *tool, const char *args);
void domain_tools_add(struct domain_tools *domain, const char *tools);

/*
 * The properties. Each enumerates the whole domain, fails the test with the case that breaks it,
 * and tells how many cases it saw.
 */
/* libwrit allows exactly the calls that the draft allows. */
void domain_tools_judge_calls(struct domain_tools *domain);
/* It refuses by the step by which the draft denies; what it accepts allows no call that the parent
 * does not; a diff has a change that widens exactly where it refuses, and is empty for equals. */
void domain_tools_judge_pairs(struct domain_tools *domain);
/* The meet is below both, the same from either side, its own meet, and the widest: see there. */
void domain_tools_judge_meets(struct domain_tools *domain);
/* It does not depend on the grouping; every `step`th authority. */
void domain_tools_judge_triples(struct domain_tools *domain, size_t step);

#endif
