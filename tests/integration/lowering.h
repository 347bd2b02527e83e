/* Labels that are lowered: how people are asked, and what they say. */
#ifndef WRIT_TESTS_LOWERING_H
#define WRIT_TESTS_LOWERING_H

#include "labels.h"
#include "people.h"

#define INTERNAL "{'confidentiality': 'internal', 'integrity': 'trusted'}"
#define PUBLIC "{'confidentiality': 'public', 'integrity': 'trusted'}"
#define PUBLIC_POISONED "{'confidentiality': 'public', 'integrity': 'untrusted'}"

/* A task that has read the ledger and may send mail, and Ann, of the records, who may approve. */
struct person lowering_begin(struct chain *chain);

/* `approval` and `more` (further members) may be NULL. The second: as an admin. */
struct answer lowering_ask_as(struct client *client, const char *task, const char *label,
                              const char *approval, const char *more);
struct answer lowering_ask(const struct chain *chain, const char *label, const char *approval);
/* Asked for; the approval's id. */
const char *lowering_asked(const struct chain *chain, const char *label);
/* As if it had been asked for two minutes ago: nobody waits for that here. */
void replicas_forget(const struct chain *chain);
/* Asked for, approved by this person, and no longer too early. Enrolled before: a change of the
 * registry lets all be judged anew. */
const char *lowering_approved(const struct chain *chain, const char *label,
                              const struct person *by);
void label_lower(const struct chain *chain, const char *label, const struct person *by);

void expect_label(const struct chain *chain, const char *level, const char *integrity);
void reads(const struct chain *chain, const char *tool);

#endif
