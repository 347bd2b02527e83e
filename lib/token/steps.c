#include "token/steps.h"

#include <stdarg.h>
#include <stdio.h>

#include "authority/authority.h"

static const struct writ_step STEPS[] = {
#define X(name, step, outcome, says) [WRIT_RULE_##name] = {step, WRIT_##outcome, says},
    WRIT_RULES(X)
#undef X
};

const struct writ_step *writ_steps(size_t *ret_count)
{
    *ret_count = sizeof STEPS / sizeof STEPS[0];
    return STEPS;
}

struct writ_denial writ_denial_at(int hop)
{
    return (struct writ_denial){.step = "", .hop = hop};
}

struct writ_result writ_refuse(struct writ_denial *denial, enum writ_rule rule, const char *field)
{
    const struct writ_step *step = &STEPS[rule];
    writ_denial_set(denial, step->outcome, step->step, field, "%s", step->says);
    return (struct writ_result){step->outcome};
}

struct writ_result writ_refuse_as(struct writ_denial *denial, enum writ_rule rule,
                                  const char *field, const char *format, ...)
{
    const struct writ_step *step = &STEPS[rule];
    char found[256] = "";
    va_list list;
    va_start(list, format);
    vsnprintf(found, sizeof found, format, list);
    va_end(list);
    writ_denial_set(denial, step->outcome, step->step, field, "%s %s", step->says, found);
    return (struct writ_result){step->outcome};
}
