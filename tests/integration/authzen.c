#include "authzen.h"

void authzen_chain(struct chain *chain)
{
    chain_open(chain, &cast.planner);
    chain_extend(chain, &cast.executor, NULL);
}

const char *authzen_context(const struct chain *chain, const char *proof, const char *more)
{
    return plain("{'presentation': {'txn': '%s', 'aat_leaf': '%s', 'aat_pop': '%s'}%s}",
                 chain->task, token_hash(chain->tokens[chain->count - 1]), proof, more);
}

const char *authzen_question(const char *subject, const char *tool, const char *args,
                             const char *said)
{
    return plain("{'subject': %s, 'action': {'name': '%s', 'properties': %s}, 'resource': " HERE
                 ", 'context': %s}",
                 subject, tool, args, said);
}

const char *authzen_good(const struct chain *chain, const char *tool, const char *args)
{
    return authzen_question(EXECUTOR, tool, args,
                            authzen_context(chain, chain_prove(chain, tool, args), ""));
}

struct answer authzen_ask(const char *body)
{
    return post(&cast.enforcer, "/access/v1/evaluation", quoted("%s", body));
}

struct answer authzen_ask_all(const char *body)
{
    return post(&cast.enforcer, "/access/v1/evaluations", quoted("%s", body));
}

bool is_permit_at(const struct answer *answer, const char *path)
{
    const struct writ_json *decision = at(answer->json, path);
    ck_assert_msg(decision && decision->type == WRIT_JSON_BOOLEAN, "%s: %s", path, shown(answer));
    return decision->boolean;
}

void expect_false(struct answer answer, const char *code, const char *field)
{
    expect_status(answer, 200);
    ck_assert_msg(!is_permit_at(&answer, "decision"), "permitted: %s", shown(&answer));
    expect_text(answer, "context.code", code);
    ck_assert(has_at(&answer, "context.retry") && has_at(&answer, "context.agent_message"));
    if (field)
        expect_text(answer, "context.field", field);
}

void expect_true(struct answer answer)
{
    expect_status(answer, 200);
    ck_assert_msg(is_permit_at(&answer, "decision"), "denied: %s", shown(&answer));
}

long authzen_recorded(const struct chain *chain, const char *verdict)
{
    return postgres_count(&shared_postgres,
                          plain("select count(*) from writ.decision where task_id = '%s' and "
                                "verdict = '%s'",
                                chain->task, verdict));
}
