# A policy for OPA that Writ can ask (api/docs/engines.md), with
#
#     writd --policy-opa http://127.0.0.1:8181/v1/data/writ/decision
package writ

import rego.v1

# Exactly one of these holds: whatever is not named is refused, and the refusal has a name.
default decision := {"allow": false, "policies": ["default"]}

decision := {"allow": true, "policies": ["grants"]} if input.action in {"issue", "delegate"}

decision := {"allow": true, "policies": ["reads"]} if {
	input.action == "call"
	input.tool.effect == "read"
}

# Mail leaves only for the purpose that says so, and somebody of finance looks at it.
decision := {
	"allow": true,
	"policies": ["mail"],
	"obligations": [{"type": "approval", "approvers": ["finance"], "quorum": 1}],
} if {
	input.action == "call"
	input.tool.name == "send_email"
	input.task.purpose == "send invoices"
}
