/* Admissions: self-held and managed; children of one task and of many; the same narrowing and one
 * of its own for each; and what the rules of W8 cost of that, beside a ledger without them. */
#include "bench/request.h"
#include "bench/scenarios.h"

static const size_t CLIENTS[] = {1, 8, 64, 256};
enum { CLIENT_COUNT = 4 };

static struct plan plan_of(const struct house *house, const char *name, size_t clients)
{
    return (struct plan){.name = name,
                         .clients = clients,
                         .house = house,
                         .make = request_child,
                         .wanted = 201,
                         .tasks = TASKS};
}

void measure_admit(struct house *house)
{
    house_open_chains(house, 0);
    house_open_managed(house);
    house_settle(house);
    for (size_t i = 0; i < CLIENT_COUNT; i++) {
        struct plan plan = plan_of(house, "admit, self-held", CLIENTS[i]);
        play(&plan, 1);
    }
    struct plan plans[] = {
        plan_of(house, "admit, self-held, one task", 64),
        plan_of(house, "admit, self-held, distinct", 64),
        plan_of(house, "admit, self-held, one task, distinct", 64),
        plan_of(house, "admit, managed", 64),
        plan_of(house, "admit, managed, distinct", 64),
        plan_of(house, "admit, managed, a new key each", 64),
    };
    plans[0].tasks = plans[2].tasks = 1;
    plans[1].distinct = plans[2].distinct = plans[4].distinct = true;
    plans[3].make = plans[4].make = plans[5].make = request_managed_child;
    plans[5].new_key = true;
    play(plans, sizeof plans / sizeof plans[0]);
}

/* ---- W8 ------------------------------------------------------------------------------------- */

/* By the owner, on a scratch ledger: a child may be wider now, and its copy a lie. */
static const char DROP_RULES[] =
    "alter table writ.narrowing drop constraint narrower, drop constraint terms_narrower, "
    "drop constraint call_only_is_not_passed_on; "
    "alter table writ.delegation drop constraint narrowed_from_the_parents, "
    "drop constraint copy_is_the_parents";

/* Both ledgers are fresh: one that has been used is another one. */
void measure_rules(const struct postgres *cluster)
{
    static struct house with, without;
    struct plan plans[] = {
        plan_of(&with, "admit, with W8", 64),
        plan_of(&without, "admit, without W8", 64),
        plan_of(&with, "admit, distinct, with W8", 64),
        plan_of(&without, "admit, distinct, without W8", 64),
    };
    plans[2].distinct = plans[3].distinct = true;
    house_start(&with, cluster, "with", NULL);
    house_start(&without, cluster, "without", NULL);
    postgres_ask(&without.database, NULL, DROP_RULES, NULL);
    house_open_chains(&with, 0);
    house_open_chains(&without, 0);
    house_settle(&with);
    house_settle(&without);
    play(plans, sizeof plans / sizeof plans[0]);
    play_ratio("admit, with W8 to without", &plans[1], &plans[0]);
    play_ratio("admit, distinct, with W8 to without", &plans[3], &plans[2]);
    house_stop(&without);
    house_stop(&with);
}
