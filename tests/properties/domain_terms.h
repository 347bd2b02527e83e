/*
 * What a link may say of writ_terms, member by member: the finite domain that test_terms.c begins
 * with, each choice read by libwrit and as it stands for design.h.
 */
#ifndef WRIT_TESTS_PROPERTIES_DOMAIN_TERMS_H
#define WRIT_TESTS_PROPERTIES_DOMAIN_TERMS_H

#include "design.h"
#include "token/terms.h"
#include "unit/generate.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
    DOMAIN_TERMS_MAX = 128,
    DOMAIN_MEMBERS = 5,
    DOMAIN_TOOLS = 2,
    DOMAIN_AGENTS = 2,
    DOMAIN_KEYS = 2,
};

extern const char *const DOMAIN_MEMBER_NAMES[DOMAIN_MEMBERS];
extern const char *const DOMAIN_TOOL_NAMES[DOMAIN_TOOLS];
extern const char *const DOMAIN_AGENT_NAMES[DOMAIN_AGENTS];

struct domain_choice {
    struct design_link stated;
    struct writ_terms read;
    const struct writ_authority *authority;
    const struct writ_key *key;
};

struct domain_terms {
    struct writ_arena arena;
    struct writ_key keys[DOMAIN_KEYS];
    char thumbprints[DOMAIN_KEYS][44];
    const struct writ_json *labels;          /* all of them, as JSON */
    const struct writ_authority *everything; /* both tools */
    struct domain_choice choices[DOMAIN_TERMS_MAX];
    size_t starts[DOMAIN_MEMBERS + 1]; /* the choices of member i are starts[i] to starts[i + 1] */
};

void domain_terms_start(struct domain_terms *domain);
void domain_terms_done(struct domain_terms *domain);
/* One random choice of each member, or nothing of it; lives in `arena`. */
struct domain_choice domain_terms_random(struct domain_terms *domain, struct writ_arena *arena,
                                         struct generate *generate);

#endif
