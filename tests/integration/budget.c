#include "budget.h"

#include <unistd.h>

struct client payer_with(const char *name, const char *budget_a_day)
{
    return client_new(
        name, plain("{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': ['" AUDIENCE
                    "'], 'authority': " PAY_TOOLS ", 'open_tasks': 99, 'lifetime_s': 600, "
                    "'budget_a_day': [%s]}}",
                    budget_a_day));
}

struct answer budget_try_open(struct client *payer, const char *budget)
{
    return task_open(
        payer, &cast.planner,
        plain("'authority': " PAY_TOOLS ", 'terms': {'budget': [%s]}, 'expires_in': 500", budget));
}

void budget_open(struct chain *chain, const char *budget)
{
    const struct answer tool = put(
        &cast.admin, "/v1/tools/pay?audience=https%3A%2F%2Ftools.test",
        quoted("{'effect': 'write', 'sensitivity': {'integrity': 'trusted'}}"));
    expect_status(tool, 200);
    static struct client payer;
    if (!payer.url[0])
        payer = payer_with(plain("payer%d", (int)getpid()),
                           "{'unit': 'usd', 'limit': '1000000'}, "
                           "{'unit': 'calls', 'limit': '1000000'}");
    const struct answer opened = budget_try_open(&payer, budget);
    expect_status(opened, 201);
    chain_take(chain, &opened, &cast.planner);
}

struct answer budget_pay(const struct chain *chain, const char *amount)
{
    return chain_call(chain, "pay", plain("{'amount': %s}", amount));
}

struct answer budget_admit(struct chain *chain, const struct actor *to, const char *budget)
{
    struct writ_json *claims = child_claims(chain, to);
    claim_authority(claims, PAY_TOOLS, budget ? plain("'budget': [%s]", budget) : NULL);
    const char *token = token_sign(claims, &chain->holders[chain->count - 1]);
    const struct answer answer = chain_admit(chain, token);
    if (answer.status == 201)
        chain_push(chain, &answer, token, to);
    return answer;
}

const char *budget_usd(const struct chain *chain, size_t node, const char *member)
{
    const struct answer answer = get(
        &cast.auditor, plain("/v1/delegations/%s?task=%s", chain->ids[node], chain->task));
    expect_status(answer, 200);
    const struct writ_json *accounts = at(answer.json, "accounts");
    for (size_t i = 0; accounts && i < accounts->count; i++)
        if (writ_slice_is(writ_json_text(writ_json_get(&accounts->items[i], "unit")), "usd"))
            return text_at(&answer, plain("accounts.%zu.%s", i, member));
    ck_abort_msg("no account: %s", shown(&answer));
    return NULL;
}

bool budget_is_closed(const struct chain *chain, size_t node)
{
    const char *sql = plain("select count(*) from writ.account where task_id = '%s' and "
                            "delegation_id = '%s' and closed_at is null",
                            chain->task, chain->ids[node]);
    for (int i = 0; i < 400 && postgres_count(&shared_postgres, sql) > 0; i++)
        sleep_s(0.05);
    return postgres_count(&shared_postgres, sql) == 0;
}

long budget_unbalanced(const struct chain *chain)
{
    return postgres_count(
        &shared_postgres,
        plain("select count(*) from writ.account a"
              " where a.task_id = '%s' and a.unit = 'usd' and (a.carved <> (select"
              "   coalesce(sum(c.granted), 0) from writ.account c where c.task_id = a.task_id"
              "   and c.from_id = a.delegation_id and c.from_entry = a.entry"
              "   and c.closed_at is null)"
              " or (a.closed_at is null and a.reserved <> (select coalesce(sum(r.amount), 0)"
              "   from audit.reservations r where r.task_id = a.task_id"
              "   and r.delegation_id = a.delegation_id and r.entry = a.entry"
              "   and r.reported_at is null))"
              " or (a.closed_at is null and a.spent <> (select"
              "   coalesce(sum(case when coalesce(r.reported_unit, a.unit) = a.unit"
              "     then least(r.amount, coalesce(r.reported::numeric, r.amount))"
              "     else r.amount end), 0)"
              "   from audit.reservations r where r.task_id = a.task_id"
              "   and r.delegation_id = a.delegation_id and r.entry = a.entry"
              "   and r.reported_at is not null) + (select coalesce(sum(c.spent), 0)"
              "   from writ.account c where c.task_id = a.task_id"
              "   and c.from_id = a.delegation_id and c.from_entry = a.entry"
              "   and c.closed_at is not null))"
              " or a.granted <> a.carved + a.reserved + a.spent + a.withheld + a.remaining)",
              chain->task));
}
