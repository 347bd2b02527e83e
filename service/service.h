/* What the rooms of the service share: one struct, made in main.c, never a global. */
#ifndef WRIT_SERVICE_H
#define WRIT_SERVICE_H

#include "config.h"
#include "keys/keys.h"
#include "uuid.h"

#include <stdatomic.h>

struct db_options;
struct http_server;
struct mark;
struct pool;
struct registry_store;
struct view;
struct chains;
struct writer;
struct outbound;
struct webhook;
struct remotes;
struct refusals;
struct metrics;
struct rates;
struct caps;
struct sweep;
struct denials;
struct circuits;
struct enrolled;
struct waiters;

struct service {
    const struct config *config;
    struct uuid replica; /* this process, in the ledger */
    struct keys *keys;
    const struct db_options *sessions; /* how a session with the ledger is opened */
    struct pool *pool;                 /* reader threads, each with a connection */
    struct registry_store *registries; /* agents, clients, tools as of the last reload */
    struct mark *mark;                 /* what was seen of the ledger, outside of it */
    struct view *view;                 /* revocations, ends, freshness (W2) */
    struct chains *chains;             /* admitted chains, by exact bytes */
    struct writer *writer;             /* the thread that records */
    struct sweep *sweep;               /* the thread that ends what time ends */
    struct outbound *outbound;         /* the thread that asks others */
    struct webhook *webhook;   /* the thread that tells of approvals; NULL: nobody is told */
    struct remotes *remotes;   /* policy engines that run elsewhere; NULL: none */
    struct refusals *refusals; /* counted before possession is proved (W7) */
    struct metrics *metrics;
    struct rates *rates;       /* how often a client may call */
    struct caps *caps;         /* how large a task may grow */
    struct denials *denials;   /* what was refused for good */
    struct circuits *circuits; /* who was refused too often */
    struct enrolled *enrolled; /* which keys agents have enrolled */
    struct waiters *waiters;   /* calls that wait for an answer that is not there yet */
    struct http_server *http;
    atomic_bool is_leaving; /* told to stop: serves on until a proxy has turned away */
};

#endif
