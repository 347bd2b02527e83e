/* The handlers, by file, and the one table of routes (routes.c). */
#ifndef WRIT_ENDPOINT_ENDPOINTS_H
#define WRIT_ENDPOINT_ENDPOINTS_H

#include "endpoint/call.h"

/* tasks.c */
call_handler tasks_open;
call_handler tasks_list;
call_handler tasks_show;
call_handler tasks_complete;
call_handler tasks_cancel;
/* declassifications.c */
call_handler tasks_declassify;
/* holders.c */
call_handler holders_enrol;
call_handler holders_list;
call_handler holders_revoke;
/* delegations.c: derive and admit */
call_handler delegations_prepare;
call_handler delegations_admit;
/* delegation.c: one node and its lines */
call_handler delegation_show;
call_handler delegation_ancestors;
call_handler delegation_descendants;
call_handler delegation_authority;
/* endings.c */
call_handler delegation_renew;
call_handler delegation_complete;
call_handler delegation_revoke;
/* proofs.c, validate.c */
call_handler proofs_sign;
call_handler validate;
/* evaluation.c, evaluations.c */
call_handler evaluation;
call_handler evaluations;
/* decisions.c */
call_handler decisions_list;
call_handler decisions_explain;
call_handler decisions_outcome;
/* approvals.c, approvers.c */
call_handler approvals_list;
call_handler approvals_show;
call_handler approvals_approve;
call_handler approvals_reject;
call_handler approvers_list;
call_handler approvers_show;
call_handler approvers_put;
call_handler approvers_retire;
/* circuits.c */
call_handler circuits_list;
call_handler circuits_close;
/* agents.c, clients.c, tools.c */
call_handler agents_list;
call_handler agents_show;
call_handler agents_put;
call_handler agents_retire;
call_handler clients_list;
call_handler clients_self;
call_handler clients_show;
call_handler clients_put;
call_handler clients_disable;
call_handler tools_list;
call_handler tools_show;
call_handler tools_put;
call_handler tools_retire;
call_handler tools_offer;
call_handler tools_accept;
/* policies.c */
call_handler policies_show;
call_handler policies_versions;
call_handler policies_replace;
/* graph.c */
call_handler graph_show;
/* health.c, metadata.c */
call_handler health_alive;
call_handler health_ready;
call_handler health_metrics;
call_handler metadata_issuer;
call_handler metadata_keys;
call_handler metadata_authzen;

extern const struct http_route ROUTES[];
extern const size_t ROUTE_COUNT;

#endif
