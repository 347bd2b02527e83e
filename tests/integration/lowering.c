#include "lowering.h"

struct person lowering_begin(struct chain *chain)
{
    people_start();
    const struct person ann = person_new("ann", "['records']");
    open_granting(chain, "mail(to any)");
    reads(chain, "ledger");
    return ann;
}

struct answer lowering_ask_as(struct client *client, const char *task, const char *label,
                              const char *approval, const char *more)
{
    const char *spends = approval ? plain(", \"approval_id\": \"%s\"", approval) : "";
    return post(client, plain("/v1/tasks/%s/declassifications", task),
                plain("{\"label\": %s, \"reason\": \"it was the wrong file\"%s%s%s}",
                      quoted("%s", label), spends, more ? ", " : "", more ? more : ""));
}

struct answer lowering_ask(const struct chain *chain, const char *label, const char *approval)
{
    return lowering_ask_as(&cast.admin, chain->task, label, approval, NULL);
}

const char *lowering_asked(const struct chain *chain, const char *label)
{
    const struct answer refused = lowering_ask(chain, label, NULL);
    return people_asked(&refused);
}

void replicas_forget(const struct chain *chain)
{
    postgres_ask(&shared_postgres, NULL,
                 plain("update writ.declassification set requested_at = requested_at - interval "
                       "'2 minutes' where task_id = '%s' and not exists (select from "
                       "writ.task_label l where l.declassification_id = id)",
                       chain->task),
                 NULL);
}

const char *lowering_approved(const struct chain *chain, const char *label, const struct person *by)
{
    const char *id = lowering_asked(chain, label);
    expect_vote(by, id, "approved");
    replicas_forget(chain);
    return id;
}

void label_lower(const struct chain *chain, const char *label, const struct person *by)
{
    const char *id = lowering_approved(chain, label, by);
    const struct answer done = lowering_ask(chain, label, id);
    expect_status(done, 200);
}

void expect_label(const struct chain *chain, const char *level, const char *integrity)
{
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", chain->task));
    expect_text(task, "label.confidentiality", level);
    expect_text(task, "label.integrity", integrity);
}

void reads(const struct chain *chain, const char *tool)
{
    expect_permit(chain, tool, HERE);
}
