#include "endpoint/endpoints.h"

#define READERS (ROLE_ADMIN | ROLE_AUDITOR)
#define AGENTS (ROLE_AGENT | ROLE_ORCHESTRATOR)
#define OPENERS (READERS | ROLE_ISSUER)
#define INSIDERS (OPENERS | AGENTS)

/* Read down it: who may call what. `--routes` prints it, and the tests compare it with
 * api/openapi.yaml both ways. */
const struct http_route ROUTES[] = {
    /* Asked most, so it is found first. */
    {"POST", "/v1/validate", CALL(validate), ROLE_ENFORCER, CALL_BODY},

    {"POST", "/v1/tasks", CALL(tasks_open), ROLE_ISSUER, CALL_BODY},
    {"GET", "/v1/tasks", CALL(tasks_list), OPENERS, 0},
    {"GET", "/v1/tasks/{task}", CALL(tasks_show), INSIDERS, 0},
    {"POST", "/v1/tasks/{task}/complete", CALL(tasks_complete), INSIDERS, CALL_BODY_OPTIONAL},
    {"POST", "/v1/tasks/{task}/cancel", CALL(tasks_cancel), INSIDERS, CALL_BODY_OPTIONAL},
    {"POST", "/v1/tasks/{task}/declassifications", CALL(tasks_declassify),
     ROLE_ADMIN | ROLE_ISSUER | AGENTS, CALL_BODY},

    {"POST", "/v1/holders", CALL(holders_enrol), AGENTS, CALL_BODY},
    {"GET", "/v1/holders", CALL(holders_list), READERS | AGENTS, 0},
    {"POST", "/v1/holders/{thumbprint}/revoke", CALL(holders_revoke), ROLE_ADMIN | AGENTS,
     CALL_BODY_OPTIONAL},

    {"POST", "/v1/delegations/prepare", CALL(delegations_prepare), AGENTS, CALL_BODY},
    {"POST", "/v1/delegations", CALL(delegations_admit), AGENTS, CALL_BODY},
    {"GET", "/v1/delegations/{delegation}", CALL(delegation_show), INSIDERS, 0},
    {"GET", "/v1/delegations/{delegation}/ancestors", CALL(delegation_ancestors), INSIDERS, 0},
    {"GET", "/v1/delegations/{delegation}/descendants", CALL(delegation_descendants), INSIDERS, 0},
    {"GET", "/v1/delegations/{delegation}/authority", CALL(delegation_authority), INSIDERS, 0},
    {"POST", "/v1/delegations/{delegation}/renew", CALL(delegation_renew), AGENTS, CALL_BODY},
    {"POST", "/v1/delegations/{delegation}/complete", CALL(delegation_complete), INSIDERS,
     CALL_BODY_OPTIONAL},
    {"POST", "/v1/delegations/{delegation}/revoke", CALL(delegation_revoke), INSIDERS,
     CALL_BODY_OPTIONAL},

    {"POST", "/v1/proofs", CALL(proofs_sign), AGENTS, CALL_BODY},
    {"GET", "/v1/decisions", CALL(decisions_list), READERS | ROLE_ENFORCER, 0},
    {"GET", "/v1/decisions/{decision}", CALL(decisions_explain), READERS | ROLE_ENFORCER, 0},
    {"POST", "/v1/decisions/{decision}/outcome", CALL(decisions_outcome), ROLE_ENFORCER, CALL_BODY},

    {"POST", "/access/v1/evaluation", CALL(evaluation), ROLE_ENFORCER, CALL_BODY | CALL_NAMED},
    {"POST", "/access/v1/evaluations", CALL(evaluations), ROLE_ENFORCER, CALL_BODY | CALL_NAMED},

    {"GET", "/v1/agents", CALL(agents_list), ROLE_ANY, 0},
    {"GET", "/v1/agents/{name}", CALL(agents_show), ROLE_ANY, 0},
    {"PUT", "/v1/agents/{name}", CALL(agents_put), ROLE_ADMIN, CALL_BODY},
    {"DELETE", "/v1/agents/{name}", CALL(agents_retire), ROLE_ADMIN, 0},
    {"GET", "/v1/clients", CALL(clients_list), READERS, 0},
    {"GET", "/v1/clients/self", CALL(clients_self), ROLE_ANY, 0},
    {"GET", "/v1/clients/{id}", CALL(clients_show), READERS, 0},
    {"PUT", "/v1/clients/{id}", CALL(clients_put), ROLE_ADMIN, CALL_BODY},
    {"DELETE", "/v1/clients/{id}", CALL(clients_disable), ROLE_ADMIN, 0},
    {"GET", "/v1/approvers", CALL(approvers_list), READERS | ROLE_APPROVER, 0},
    {"GET", "/v1/approvers/{name}", CALL(approvers_show), READERS | ROLE_APPROVER, 0},
    {"PUT", "/v1/approvers/{name}", CALL(approvers_put), ROLE_ADMIN, CALL_BODY},
    {"DELETE", "/v1/approvers/{name}", CALL(approvers_retire), ROLE_ADMIN, 0},
    {"GET", "/v1/tools", CALL(tools_list), ROLE_ANY, 0},
    {"GET", "/v1/tools/{name}", CALL(tools_show), ROLE_ANY, 0},
    {"PUT", "/v1/tools/{name}", CALL(tools_put), ROLE_ADMIN, CALL_BODY},
    {"DELETE", "/v1/tools/{name}", CALL(tools_retire), ROLE_ADMIN, 0},
    {"POST", "/v1/tools/{name}/offer", CALL(tools_offer), ROLE_ADMIN | ROLE_ENFORCER, CALL_BODY},
    {"POST", "/v1/tools/{name}/accept", CALL(tools_accept), ROLE_ADMIN, CALL_BODY},

    {"GET", "/v1/policies", CALL(policies_versions), READERS, 0},
    {"GET", "/v1/policies/{version}", CALL(policies_show), READERS, 0},
    {"PUT", "/v1/policies", CALL(policies_replace), ROLE_ADMIN, CALL_BODY},

    {"GET", "/v1/approvals", CALL(approvals_list), READERS | ROLE_APPROVER, 0},
    {"GET", "/v1/approvals/{approval}", CALL(approvals_show),
     INSIDERS | ROLE_APPROVER | ROLE_ENFORCER, 0},
    {"POST", "/v1/approvals/{approval}/approve", CALL(approvals_approve), ROLE_APPROVER, CALL_BODY},
    {"POST", "/v1/approvals/{approval}/reject", CALL(approvals_reject), ROLE_APPROVER, CALL_BODY},

    {"GET", "/v1/circuits", CALL(circuits_list), READERS, 0},
    {"POST", "/v1/circuits/close", CALL(circuits_close), ROLE_ADMIN, CALL_BODY},

    {"GET", "/v1/graph", CALL(graph_show), INSIDERS, 0},

    {"GET", "/healthz", CALL(health_alive), 0, CALL_PUBLIC},
    {"GET", "/readyz", CALL(health_ready), 0, CALL_PUBLIC},
    {"GET", "/metrics", CALL(health_metrics), 0, CALL_PUBLIC},
    {"GET", "/.well-known/oauth-authorization-server", CALL(metadata_issuer), 0, CALL_PUBLIC},
    {"GET", "/.well-known/jwks.json", CALL(metadata_keys), 0, CALL_PUBLIC},
    {"GET", "/.well-known/authzen-configuration", CALL(metadata_authzen), 0, CALL_PUBLIC},
};
const size_t ROUTE_COUNT = sizeof ROUTES / sizeof ROUTES[0];
