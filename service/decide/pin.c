#include "decide/pin.h"

/* Exact, one of a list or, for an argument that is itself a list, part of one. A conjunction pins
 * by any of its clauses, a choice only by all of them. */
static bool pins(const struct writ_constraint *constraint)
{
    switch (constraint->type) {
    case WRIT_CONSTRAINT_EXACT:
    case WRIT_CONSTRAINT_ONE_OF:
    case WRIT_CONSTRAINT_SUBSET:
        return true;
    case WRIT_CONSTRAINT_ALL:
        for (size_t i = 0; i < constraint->clause_count; i++)
            if (pins(&constraint->clauses[i]))
                return true;
        return false;
    case WRIT_CONSTRAINT_ANY:
        for (size_t i = 0; i < constraint->clause_count; i++)
            if (!pins(&constraint->clauses[i]))
                return false;
        return constraint->clause_count > 0;
    default:
        return false;
    }
}

int64_t pin_since_us(const struct chain *chain, struct writ_slice tool, struct writ_slice argument)
{
    /* I4: below a link that pins, all do. */
    for (size_t hop = 0; argument.size > 0 && hop < chain->count; hop++) {
        const struct writ_authority *authority = chain->tokens[hop].authority;
        const struct writ_tool *granted = authority ? writ_authority_tool(authority, tool) : NULL;
        if (!granted)
            continue;
        const struct writ_argument *named = writ_tool_argument(granted, argument);
        if (named ? pins(&named->constraint) : !granted->open)
            return chain->links[hop].admitted_at_us;
    }
    return 0;
}
