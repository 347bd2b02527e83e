#include "labels.h"

#define TOOL(name) "/v1/tools/" name "?audience=https%3A%2F%2Ftools.test"

/* Tools of every label, and an issuer that may grant them. */
struct client desk_of_labels(void)
{
    static const char *const TOOLS[][2] = {
        {TOOL("web"), "{'effect': 'read', 'sensitivity': {'integrity': 'untrusted'}}"},
        {TOOL("ledger"), "{'effect': 'read', 'sensitivity': "
                         "{'confidentiality': 'confidential', 'integrity': 'trusted'}}"},
        {TOOL("vault"), "{'effect': 'read', 'sensitivity': "
                        "{'confidentiality': 'restricted', 'integrity': 'trusted'}}"},
        {TOOL("people"), "{'effect': 'read', 'sensitivity': {'confidentiality': 'internal', "
                         "'integrity': 'trusted', 'categories': ['pii']}}"},
        {TOOL("glance"), "{'effect': 'read', 'record': 'buffered', 'sensitivity': "
                         "{'confidentiality': 'internal', 'integrity': 'trusted'}}"},
        {TOOL("mail"), "{'effect': 'irreversible', 'destination': 'to', 'sensitivity': "
                       "{'integrity': 'trusted'}}"},
        {TOOL("archive"), "{'effect': 'irreversible', 'destination': 'to', 'release': 'restricted',"
                          " 'release_pinned': {'confidentiality': 'restricted', 'integrity': "
                          "'untrusted', 'categories': ['pii']}, "
                          "'sensitivity': {'integrity': 'trusted'}}"},
        {TOOL("shred"), "{'effect': 'irreversible', 'sensitivity': {'integrity': 'trusted'}}"},
        {TOOL("tidy"), "{'effect': 'irreversible', 'sends': false, 'sensitivity': "
                       "{'integrity': 'trusted'}}"},
    };
    for (size_t i = 0; i < sizeof TOOLS / sizeof TOOLS[0]; i++) {
        /* Other suites have tools of these names, too. No tool asks for people by itself: what is
         * asked for is asked for by a label. */
        const struct answer tool = put(
            &cast.admin, TOOLS[i][0],
            quoted("{'loosen': true, 'approval': 0, %s", TOOLS[i][1] + 1));
        expect_status(tool, 200);
    }
    return client_new(
        "desk-of-labels",
        "{'role': 'issuer', 'rotate': true, 'ceiling': {'principals': ['*'], 'audiences': "
        "['" AUDIENCE "'], 'grant': 'web, ledger, vault, people, glance, mail, archive, "
        "shred, tidy', 'clearance': {'confidentiality': 'restricted', 'integrity': "
        "'untrusted', 'categories': ['pii']}, 'open_tasks': 1000000, 'lifetime_s': 3600}}");
}

/* A task whose root is the planner's, with the reads and this part of a grant. */
void open_granting(struct chain *chain, const char *grant)
{
    struct client desk = desk_of_labels();
    const struct answer opened = task_open(&desk, &cast.planner,
                                           plain("'grant': '" READS ", %s', " CLEARED, grant));
    chain_take(chain, &opened, &cast.planner);
}
