/* Uses that policies judge: of labelled tools, by reference, beside the same without any policy. */
#include "bench/request.h"
#include "bench/scenarios.h"

#include <stdio.h>

enum { POLICIES = 50, TEXT_SIZE = 65536 };

/* As an office of some size would have them: the rest is about agents, tools and purposes that a
 * call is or is not of. */
static const char ALWAYS[] =
    "@id(\"default\") permit(principal, action, resource);\n"
    "@id(\"irreversible_stays_near\") forbid(principal, action == Action::\"delegate\", resource)\n"
    "when { resource.effect == \"irreversible\" && context.depth > 1 };\n"
    "@id(\"two_for_payments\") @obligation(\"approval\") @approvers(\"finance\") @quorum(\"2\")\n"
    "permit(principal, action == Action::\"call\", resource) when { resource.name == \"pay\" };\n"
    "@id(\"no_foreign_browser\") forbid(principal, action == Action::\"call\", resource)\n"
    "when { context.agents.contains(Agent::\"browser\") && !context.attributed };\n"
    "@id(\"nothing_personal_is_restricted\")\n"
    "forbid(principal, action == Action::\"call\", resource)\n"
    "when { resource.sensitivity.categories.contains(\"hr\") ||\n"
    "       context.clearance.confidentiality > 2 };\n"
    "@id(\"within_the_house\") forbid(principal, action == Action::\"call\", resource)\n"
    "when { resource.sends && !context.destinations.isEmpty() &&\n"
    "       !context.destinations.contains(\"desk@house.example\") };\n"
    "@id(\"before_the_deadline\") forbid(principal, action == Action::\"call\", resource)\n"
    "when { context.now > context.task.deadline };\n"
    "@id(\"people_of_the_desk\") forbid(principal, action == Action::\"issue\", resource)\n"
    "when { principal.role != \"issuer\" };\n";
enum { ALWAYS_COUNT = 8 };

/* Around a number. */
static const char *const OTHERS[][2] = {
    {"principal == Agent::\"agent-", "\", action == Action::\"call\", resource)"},
    {"principal, action == Action::\"call\", resource == Tool::\"https://tools.test tool-",
     "\") unless { context.attributed }"},
    {"principal, action == Action::\"call\", resource)\n"
     "when { resource.effect == \"write\" && context.task.purpose like \"look up ",
     "*\" }"},
    {"principal, action == Action::\"delegate\", resource)\nwhen { context.to == Agent::\"agent-",
     "\" && context.depth > 2 }"},
    {"principal, action == Action::\"call\", resource)\n"
     "when { context.task.principal == Principal::\"user-",
     "\" && resource.sensitivity.confidentiality > 1 }"},
};
enum { OTHER_COUNT = sizeof OTHERS / sizeof OTHERS[0] };

static void put_policies(struct house *house)
{
    char text[TEXT_SIZE];
    int used = snprintf(text, sizeof text, "%s", ALWAYS);
    for (size_t i = ALWAYS_COUNT; i < POLICIES; i++) {
        const char *const *other = OTHERS[i % OTHER_COUNT];
        used += snprintf(text + used, sizeof text - (size_t)used, "@id(\"p%zu\") forbid(%s%zu%s;\n",
                         i, other[0], i, other[1]);
    }
    struct writ_json *body = writ_json_new_object(scratch());
    writ_json_put_string(scratch(), body, "name", "bench");
    writ_json_put_string(scratch(), body, "text", text);
    const struct answer answer = client_send(&house->cast.admin, "PUT", "/v1/policies", NULL,
                                             writ_json_canonical(scratch(), body));
    expect_status(answer, 200);
}

/* What they return is confidential, and what a stranger wrote; the chains are cleared for it. */
static void put_labels(struct house *house)
{
    static const char LABEL[] = "'sensitivity': {'confidentiality': 'confidential', 'integrity': "
                                "'untrusted'}";
    const struct answer read = put(
        &house->cast.admin, "/v1/tools/read_file?audience=https%3A%2F%2Ftools.test",
        quoted("{'effect': 'read', 'record': 'buffered', 'loosen': true, %s}", LABEL));
    expect_status(read, 200);
    const struct answer write = put(&house->cast.admin,
                                    "/v1/tools/write_note?audience=https%3A%2F%2Ftools.test",
                                    quoted("{'effect': 'write', %s}", LABEL));
    expect_status(write, 200);
}

static void open_cleared(struct house *house)
{
    for (size_t i = 0; i < TASKS; i++) {
        struct chain *chain = &house->chains[i];
        const struct answer opened = task_open(
            &house->cast.issuer, &house->cast.planner,
            "'terms': {'clearance': {'confidentiality': 'confidential', 'integrity': "
            "'untrusted'}}");
        chain_take(chain, &opened, &house->cast.planner);
        chain->enforcer = &house->cast.enforcer;
        for (size_t k = 0; k < CHAIN_DEPTH; k++)
            chain_extend(chain, k % 2 ? &house->cast.planner : &house->cast.executor, NULL);
    }
}

static void begin(struct house *house, const struct postgres *cluster, const char *name)
{
    house_start(house, cluster, name, NULL);
    put_labels(house);
    open_cleared(house);
    house_settle(house);
}

/* The policies' share: what the same use costs more with them, round by round. */
static void note_share(const struct plan *without, const struct plan *with)
{
    double shares[ROUNDS_MAX];
    const size_t count = with->row.round_count;
    if (count == 0 || without->row.round_count != count)
        return;
    for (size_t i = 0; i < count; i++)
        shares[i] = table_verifications(&with->row.rounds[i]) -
                    table_verifications(&without->row.rounds[i]);
    table_note(plain("%s: their share", with->name), shares, count, "verifications");
}

void measure_policies(const struct postgres *cluster)
{
    static struct house none, fifty;
    struct plan plans[] = {
        {.name = "policies, read, none", .house = &none, .tool = "read_file"},
        {.name = "policies, read, 50", .house = &fifty, .tool = "read_file"},
        {.name = "policies, write, none", .house = &none, .tool = "write_note"},
        {.name = "policies, write, 50", .house = &fifty, .tool = "write_note"},
    };
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        plans[i].clients = 64;
        plans[i].make = request_use;
        plans[i].wanted = 200;
        plans[i].tasks = TASKS;
        plans[i].depth = CHAIN_DEPTH;
        plans[i].args = i < 2 ? "{\"path\":\"/notes/2026/a.md\"}"
                              : "{\"path\":\"/notes/2026/a.md\",\"text\":\"x\"}";
    }
    begin(&none, cluster, "none");
    begin(&fifty, cluster, "fifty");
    put_policies(&fifty);
    play(plans, sizeof plans / sizeof plans[0]);
    note_share(&plans[0], &plans[1]);
    note_share(&plans[2], &plans[3]);
    house_stop(&fifty);
    house_stop(&none);
}
