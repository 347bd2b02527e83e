/* Tools of every label, and tasks that may call them. */
#ifndef WRIT_TESTS_LABELS_H
#define WRIT_TESTS_LABELS_H

#include "actors.h"

#define HERE "{}" /* arguments of a read */
#define TO_READ_ALL                                                                                \
    "'clearance': {'confidentiality': 'restricted', 'integrity': 'untrusted', "                    \
    "'categories': ['pii']}"
#define CLEARED "'terms': {" TO_READ_ALL "}"
/* Tools of a link that pins the destination. */
#define MAIL_TO(whom) "{'mail': {'to': {'constraint_type': 'exact', 'value': '" whom "'}}}"
#define READS "web, ledger, vault, people, glance, shred, tidy"

/* Registers the tools, and makes an issuer that may grant them; the one before it is locked out. */
struct client desk_of_labels(void);
/* A task whose root is the planner's, with the reads and this part of a grant. */
void open_granting(struct chain *chain, const char *grant);

#endif
