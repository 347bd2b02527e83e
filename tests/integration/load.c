#include "load.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

enum { REVOKED_OF = 16 };

struct worker {
    struct load *load;
    struct chain chain;
    struct client admitting, enforcing, ending;
    struct journal journal;
    pthread_t thread;
};

struct load {
    atomic_bool over;
    struct worker workers[LOAD_CLIENTS];
};

/* Nobody was there, or nothing could be known. */
static bool is_outage(long status)
{
    return status == 0 || status == 502 || status == 503 || status == 504;
}

static void note(struct journal *journal, const struct answer *answer, bool permit)
{
    const int good = permit ? 200 : 201;
    if (answer->status == good && answer->json) {
        size_t *count = permit ? &journal->permit_count : &journal->delegation_count;
        char(*ids)[40] = permit ? journal->permits : journal->delegations;
        if (*count < LOAD_JOURNAL)
            snprintf(ids[(*count)++], 40, "%s", text_at(answer, permit ? "id" : "delegation.id"));
    } else if (is_outage(answer->status)) {
        journal->unanswered++;
        sleep_s(0.01);
    } else if (journal->refused++ == 0) {
        snprintf(journal->what, sizeof journal->what, "%.190s", shown(answer));
    }
}

/* One of many children is killed at once. */
static void revoke_some(struct worker *worker, const struct answer *admitted)
{
    struct journal *journal = &worker->journal;
    if (admitted->status != 201 || journal->delegation_count % REVOKED_OF != 0 ||
        journal->revocation_count == LOAD_JOURNAL)
        return;
    const char *id = text_at(admitted, "delegation.id");
    const struct answer revoked = post(
        &worker->ending, plain("/v1/delegations/%s/revoke?task=%s", id, worker->chain.task), "{}");
    if (revoked.status == 200)
        snprintf(journal->revocations[journal->revocation_count++], 40, "%s", id);
}

static void *work(void *context)
{
    struct worker *worker = context;
    const struct actor *holder = &worker->chain.holders[0];
    /* curl sends a POST again when a connection is hung up on; a key makes that harmless. */
    for (long n = 0; !atomic_load(&worker->load->over); n++) {
        const char *token = token_sign(child_claims(&worker->chain, &cast.executor), holder);
        const struct answer admitted = post_once(
            &worker->admitting, "/v1/delegations", plain("admit-%s-%ld", worker->chain.task, n),
            quoted("{'task': '%s', 'token': '%s'}", worker->chain.task, token));
        note(&worker->journal, &admitted, false);
        revoke_some(worker, &admitted);
        const char *proof = proof_sign(proof_claims(&worker->chain, "write_note", NOTE), holder);
        const struct answer used = post_once(&worker->enforcing, "/v1/validate",
                                             plain("use-%s-%ld", worker->chain.task, n),
                                             use_body(&worker->chain, proof, "write_note", NOTE));
        note(&worker->journal, &used, true);
        scratch_reset();
    }
    client_done(&worker->admitting);
    client_done(&worker->enforcing);
    client_done(&worker->ending);
    return NULL;
}

static void journal_new(struct journal *journal, size_t capacity)
{
    *journal = (struct journal){0};
    journal->delegations = calloc(capacity, sizeof *journal->delegations);
    journal->permits = calloc(capacity, sizeof *journal->permits);
    journal->revocations = calloc(capacity, sizeof *journal->revocations);
    ck_assert(journal->delegations && journal->permits && journal->revocations);
}

void journal_done(struct journal *journal)
{
    free(journal->delegations);
    free(journal->permits);
    free(journal->revocations);
}

struct load *load_start(const struct server *server)
{
    struct load *load = calloc(1, sizeof *load);
    ck_assert_ptr_nonnull(load);
    struct client issuer = client_at(&cast.issuer, server);
    for (int i = 0; i < LOAD_CLIENTS; i++) {
        struct worker *worker = &load->workers[i];
        worker->load = load;
        const struct answer opened = task_open(&issuer, &cast.planner, "");
        chain_take(&worker->chain, &opened, &cast.planner);
        /* The scratch is reset while the load runs. */
        worker->chain.tokens[0] = strdup(worker->chain.tokens[0]);
        worker->admitting = client_at(&cast.planning, server);
        worker->enforcing = client_at(&cast.enforcer, server);
        worker->ending = client_at(&cast.issuer, server);
        journal_new(&worker->journal, LOAD_JOURNAL);
    }
    client_done(&issuer);
    for (int i = 0; i < LOAD_CLIENTS; i++)
        ck_assert_int_eq(pthread_create(&load->workers[i].thread, NULL, work, &load->workers[i]),
                         0);
    return load;
}

void load_stop(struct load *load, struct journal *ret_journal)
{
    atomic_store(&load->over, true);
    journal_new(ret_journal, (size_t)LOAD_JOURNAL * LOAD_CLIENTS);
    for (int i = 0; i < LOAD_CLIENTS; i++) {
        struct journal *own = &load->workers[i].journal;
        pthread_join(load->workers[i].thread, NULL);
        memcpy(ret_journal->delegations[ret_journal->delegation_count], own->delegations,
               own->delegation_count * 40);
        memcpy(ret_journal->permits[ret_journal->permit_count], own->permits,
               own->permit_count * 40);
        memcpy(ret_journal->revocations[ret_journal->revocation_count], own->revocations,
               own->revocation_count * 40);
        ret_journal->delegation_count += own->delegation_count;
        ret_journal->permit_count += own->permit_count;
        ret_journal->revocation_count += own->revocation_count;
        ret_journal->unanswered += own->unanswered;
        if (own->refused && ret_journal->refused == 0)
            memcpy(ret_journal->what, own->what, sizeof own->what);
        ret_journal->refused += own->refused;
        journal_done(own);
        free((void *)(uintptr_t)load->workers[i].chain.tokens[0]);
    }
    free(load);
}

static void check_ids(const struct postgres *postgres, const char *table, const char *column,
                      char (*ids)[40], size_t count)
{
    enum { CHUNK = 2000 };
    static char sql[CHUNK * 40 + 256];
    for (size_t from = 0; from < count; from += CHUNK) {
        size_t used = (size_t)snprintf(sql, sizeof sql, "select count(*) from unnest('{");
        const size_t end = from + CHUNK < count ? from + CHUNK : count;
        for (size_t i = from; i < end; i++)
            used += (size_t)snprintf(sql + used, sizeof sql - used, "%s%s", i == from ? "" : ",",
                                     ids[i]);
        snprintf(sql + used, sizeof sql - used,
                 "}'::uuid[]) as answered (id) where not exists "
                 "(select from writ.%s t where t.%s = answered.id)",
                 table, column);
        ck_assert_msg(postgres_count(postgres, sql) == 0, "answered, but not in writ.%s", table);
    }
}

void journal_check(const struct journal *journal, const struct postgres *postgres)
{
    ck_assert_msg(journal->refused == 0, "%ld refused: %s", journal->refused, journal->what);
    ck_assert_uint_gt(journal->delegation_count, 0);
    ck_assert_uint_gt(journal->permit_count, 0);
    check_ids(postgres, "delegation", "id", journal->delegations, journal->delegation_count);
    check_ids(postgres, "decision", "id", journal->permits, journal->permit_count);
    check_ids(postgres, "revocation", "delegation_id", journal->revocations,
              journal->revocation_count);
    static const char *const BROKEN[] = {
        "select count(*) from writ.delegation d where not exists (select from writ.lease l where "
        "l.task_id = d.task_id and l.delegation_id = d.id)",
        "select count(*) from writ.task t where not exists (select from writ.delegation d where "
        "d.task_id = t.task_id and d.parent_id is null)",
        "select count(*) from writ.decision d where d.verdict = 'permit' and d.tool = 'write_note' "
        "and not exists (select from writ.proof_used p where p.task_id = d.task_id and "
        "p.decision_id = d.id)",
        "select count(*) from writ.proof_used p where not exists (select from writ.decision d "
        "where d.task_id = p.task_id and d.id = p.decision_id)",
    };
    for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++)
        ck_assert_msg(postgres_count(postgres, BROKEN[i]) == 0, "half is there: %s", BROKEN[i]);
}
