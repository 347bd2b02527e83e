/* The rules of steps 3 and 4 on the claims of one link, as four tables in the draft's order. */
#include "token/rules.h"

#include "base/crypto.h"

#include <string.h>

struct rule {
    enum writ_rule rule;
    bool (*holds)(struct writ_link *link);
    const char *field;
};

static bool measured(struct writ_link *link, int64_t got, int64_t limit, bool holds)
{
    link->is_measured = true;
    link->got = got;
    link->limit = limit;
    return holds;
}

static bool at_most(struct writ_link *link, int64_t got, int64_t limit)
{
    return measured(link, got, limit, got <= limit);
}

static bool at_least(struct writ_link *link, int64_t got, int64_t limit)
{
    return measured(link, got, limit, got >= limit);
}

static bool over(struct writ_link *link, int64_t got, int64_t limit)
{
    return measured(link, got, limit, got > limit);
}

static int64_t deepest(const struct writ_link *link)
{
    const int limit = link->verifier->limits.max_delegation_depth;
    return limit < WRIT_DEPTH_MAX ? limit : WRIT_DEPTH_MAX;
}

/* Of every link. */

static bool has_times(struct writ_link *link)
{
    return link->claims.has_iat && link->claims.has_exp;
}

static bool ends_after_now(struct writ_link *link)
{
    return over(link, link->claims.exp_unix_s, link->verifier->now_unix_s);
}

static bool is_issued_by_now(struct writ_link *link)
{
    return at_most(
        link, link->claims.iat_unix_s,
        writ_time_plus(link->verifier->now_unix_s, link->verifier->limits.max_iat_skew_s));
}

static bool ends_after_it_begins(struct writ_link *link)
{
    return over(link, link->claims.exp_unix_s, link->claims.iat_unix_s);
}

static bool has_jti(struct writ_link *link)
{
    const bool is_ours = link->verifier->profile == WRIT_PROFILE_AAT_02_WRIT;
    return link->claims.jti.size > 0 && (!is_ours || link->claims.jti.size <= WRIT_JTI_MAX);
}

static bool has_holder(struct writ_link *link)
{
    return link->claims.holder_status != WRIT_MALFORMED;
}

static bool has_strong_holder(struct writ_link *link)
{
    return link->claims.holder_status == WRIT_OK;
}

/* Of a root. */

static bool is_depth_zero(struct writ_link *link)
{
    return link->claims.has_depth && link->claims.depth == 0;
}

static bool names_no_parent(struct writ_link *link)
{
    return !link->claims.par_hash;
}

static bool lives_within_maximum(struct writ_link *link)
{
    const int64_t lifetime_s = link->verifier->limits.max_token_lifetime_s;
    return at_most(link, link->claims.exp_unix_s,
                   writ_time_plus(link->claims.iat_unix_s, lifetime_s));
}

static bool has_max_depth_within_limit(struct writ_link *link)
{
    return link->claims.has_max_depth && link->claims.max_depth >= 0 &&
           at_most(link, link->claims.max_depth, deepest(link));
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(uint8_t byte)
{
    return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

static bool is_among(uint8_t byte, const char *marks)
{
    return byte != '\0' && strchr(marks, byte) != NULL;
}

/* RFC 3986 as far as its characters go: a scheme, a colon, and what a URI is made of. */
static bool is_uri(struct writ_slice text)
{
    size_t at = 0;
    while (at < text.size &&
           (is_letter(text.data[at]) ||
            (at > 0 && (is_digit(text.data[at]) || is_among(text.data[at], "+-.")))))
        at++;
    if (at == 0 || at == text.size || text.data[at] != ':')
        return false;
    for (; at < text.size; at++) {
        const uint8_t byte = text.data[at];
        const bool is_escape = byte == '%' && text.size - at > 2 && is_hex(text.data[at + 1]) &&
                               is_hex(text.data[at + 2]);
        if (!is_letter(byte) && !is_digit(byte) && !is_escape &&
            !is_among(byte, "-._~:/?#[]@!$&'()*+,;="))
            return false;
    }
    return true;
}

bool writ_rules_select(const struct writ_anchor *anchor, const struct writ_jws *jws)
{
    return anchor->kid.size == 0 || writ_slice_equal(anchor->kid, jws->kid);
}

/* RFC 8725 section 3.8. One key may stand under several issuers. */
static bool is_issued_by_its_anchor(struct writ_link *link)
{
    const struct writ_slice iss = writ_json_text(link->claims.iss);
    if (!is_uri(iss))
        return false;
    for (size_t i = 0; i < link->verifier->anchor_count; i++) {
        const struct writ_anchor *anchor = &link->verifier->anchors[i];
        if (writ_rules_select(anchor, &link->jws) && writ_slice_equal(anchor->issuer, iss) &&
            writ_secret_equal(anchor->key.bytes, link->signer.bytes, WRIT_PUBLIC_KEY_SIZE))
            return true;
    }
    return false;
}

static bool has_one_tools_entry(struct writ_link *link)
{
    return link->claims.tools_entries == 1 && writ_json_is(link->claims.tools, WRIT_JSON_OBJECT);
}

/* Of a child. */

static bool has_details(struct writ_link *link)
{
    return link->claims.details != NULL;
}

static bool has_depths(struct writ_link *link)
{
    return link->claims.has_depth && link->claims.depth >= 0 && link->claims.has_max_depth &&
           link->claims.max_depth >= 0;
}

static bool has_links_and_times(struct writ_link *link)
{
    return writ_json_is(link->claims.iss, WRIT_JSON_STRING) &&
           writ_json_is(link->claims.par_hash, WRIT_JSON_STRING) && has_times(link);
}

static bool is_issued_by_its_parent(struct writ_link *link)
{
    return writ_jwk_is_issuer(&link->parent->holder, writ_json_text(link->claims.iss));
}

static bool is_one_deeper(struct writ_link *link)
{
    const int64_t expected = link->parent->depth + 1;
    return measured(link, link->claims.depth, expected, link->claims.depth == expected);
}

static bool is_within_its_parents_depth(struct writ_link *link)
{
    return at_most(link, link->claims.depth, link->parent->max_depth);
}

static bool is_within_deepest(struct writ_link *link)
{
    return at_most(link, link->claims.depth, deepest(link));
}

static bool lowers_max_depth(struct writ_link *link)
{
    return at_most(link, link->claims.max_depth, link->parent->max_depth);
}

static bool ends_with_its_parent(struct writ_link *link)
{
    return at_most(link, link->claims.exp_unix_s, link->parent->exp_unix_s);
}

static bool begins_after_its_parent(struct writ_link *link)
{
    return at_least(link, link->claims.iat_unix_s, link->parent->iat_unix_s);
}

static bool is_within_its_own_depth(struct writ_link *link)
{
    return at_most(link, link->claims.depth, link->claims.max_depth);
}

static bool has_tools_at_most_once(struct writ_link *link)
{
    return link->claims.tools_entries == 0 || has_one_tools_entry(link);
}

static bool names_its_parent(struct writ_link *link)
{
    return writ_claims_hash_is(writ_json_text(link->claims.par_hash), link->parent->hash);
}

/* Of our profile. */

static bool has_texts_as_audience(struct writ_link *link)
{
    const struct writ_json *aud = link->claims.audience;
    return !aud || writ_json_is(aud, WRIT_JSON_STRING) || writ_json_is_texts(aud);
}

static bool has_task_and_principal(struct writ_link *link)
{
    return link->claims.txn.size > 0 && link->claims.sub.size > 0;
}

static bool keeps_the_task(struct writ_link *link)
{
    return !link->parent || writ_slice_equal(link->claims.txn, link->parent->txn);
}

static bool keeps_the_principal(struct writ_link *link)
{
    return !link->parent || writ_slice_equal(link->claims.sub, link->parent->sub);
}

static bool has_agent(struct writ_link *link)
{
    return link->claims.agent.size > 0;
}

static bool has_terms_at_most_once(struct writ_link *link)
{
    return link->claims.terms_entries <= 1;
}

static const struct rule ROOT[] = {
    {WRIT_RULE_ROOT_TIMES, has_times, "iat, exp"},
    {WRIT_RULE_ROOT_DEPTH, is_depth_zero, "del_depth"},
    {WRIT_RULE_ROOT_ORPHAN, names_no_parent, "par_hash"},
    {WRIT_RULE_ROOT_ALIVE, ends_after_now, "exp"},
    {WRIT_RULE_ROOT_STARTED, is_issued_by_now, "iat"},
    {WRIT_RULE_ROOT_SPAN, ends_after_it_begins, "exp"},
    {WRIT_RULE_ROOT_LIFETIME, lives_within_maximum, "exp"},
    {WRIT_RULE_ROOT_MAX_DEPTH, has_max_depth_within_limit, "del_max_depth"},
    {WRIT_RULE_ROOT_JTI, has_jti, "jti"},
    {WRIT_RULE_ROOT_ISSUER, is_issued_by_its_anchor, "iss"},
    {WRIT_RULE_ROOT_HOLDER, has_holder, "cnf.jwk"},
    {WRIT_RULE_ROOT_HOLDER_WEAK, has_strong_holder, "cnf.jwk"},
    {WRIT_RULE_ROOT_TOOLS, has_one_tools_entry, "authorization_details"},
};

static const struct rule CHILD[] = {
    {WRIT_RULE_CHILD_JTI, has_jti, "jti"},
    {WRIT_RULE_CHILD_HOLDER, has_holder, "cnf.jwk"},
    {WRIT_RULE_CHILD_HOLDER_WEAK, has_strong_holder, "cnf.jwk"},
    {WRIT_RULE_CHILD_DETAILS, has_details, "authorization_details"},
    {WRIT_RULE_CHILD_DEPTHS, has_depths, "del_depth, del_max_depth"},
    {WRIT_RULE_CHILD_LINKS, has_links_and_times, "iss, par_hash, iat, exp"},
    {WRIT_RULE_CHILD_ISSUER, is_issued_by_its_parent, "iss"},
    {WRIT_RULE_CHILD_DEPTH, is_one_deeper, "del_depth"},
    {WRIT_RULE_CHILD_DEPTH_PARENT, is_within_its_parents_depth, "del_depth"},
    {WRIT_RULE_CHILD_DEPTH_LIMIT, is_within_deepest, "del_depth"},
    {WRIT_RULE_CHILD_MAX_DEPTH, lowers_max_depth, "del_max_depth"},
    {WRIT_RULE_CHILD_EXP, ends_with_its_parent, "exp"},
    {WRIT_RULE_CHILD_ALIVE, ends_after_now, "exp"},
    {WRIT_RULE_CHILD_IAT, begins_after_its_parent, "iat"},
    {WRIT_RULE_CHILD_STARTED, is_issued_by_now, "iat"},
    {WRIT_RULE_CHILD_SPAN, ends_after_it_begins, "exp"},
    {WRIT_RULE_CHILD_OWN_DEPTH, is_within_its_own_depth, "del_depth"},
    {WRIT_RULE_CHILD_TOOLS, has_tools_at_most_once, "authorization_details"},
};

/* Step 4q stands behind the comparison of the authorities. */
static const struct rule CHILD_LAST[] = {
    {WRIT_RULE_CHILD_PARENT, names_its_parent, "par_hash"},
};

/* What a link of the ledger is read by, which was judged whole when it was admitted. */
static const struct rule KEPT[] = {
    {WRIT_RULE_CHILD_JTI, has_jti, "jti"},
    {WRIT_RULE_CHILD_HOLDER, has_holder, "cnf.jwk"},
    {WRIT_RULE_CHILD_HOLDER_WEAK, has_strong_holder, "cnf.jwk"},
    {WRIT_RULE_CHILD_DEPTHS, has_depths, "del_depth, del_max_depth"},
    {WRIT_RULE_ROOT_MAX_DEPTH, has_max_depth_within_limit, "del_max_depth"},
    {WRIT_RULE_CHILD_OWN_DEPTH, is_within_its_own_depth, "del_depth"},
    {WRIT_RULE_ROOT_TIMES, has_times, "iat, exp"},
    {WRIT_RULE_CHILD_TOOLS, has_tools_at_most_once, "authorization_details"},
};

static const struct rule OURS[] = {
    {WRIT_RULE_AUDIENCE_SHAPE, has_texts_as_audience, "aud"},
    {WRIT_RULE_PRINCIPAL_GIVEN, has_task_and_principal, "txn, sub"},
    {WRIT_RULE_PRINCIPAL_SAME, keeps_the_task, "txn"},
    {WRIT_RULE_PRINCIPAL_SAME, keeps_the_principal, "sub"},
    {WRIT_RULE_AGENT_GIVEN, has_agent, "client_id"},
    {WRIT_RULE_TERMS_ONCE, has_terms_at_most_once, "writ_terms"},
};

#define COUNT(rules) (sizeof(rules) / sizeof((rules)[0]))

static const struct {
    const struct rule *rules;
    size_t count;
} TABLES[] = {
    [WRIT_RULES_ROOT] = {ROOT, COUNT(ROOT)},
    [WRIT_RULES_CHILD] = {CHILD, COUNT(CHILD)},
    [WRIT_RULES_CHILD_LAST] = {CHILD_LAST, COUNT(CHILD_LAST)},
    [WRIT_RULES_OURS] = {OURS, COUNT(OURS)},
    [WRIT_RULES_KEPT] = {KEPT, COUNT(KEPT)},
};

struct writ_result writ_rules_judge(struct writ_link *link, enum writ_rules table,
                                    struct writ_denial *ret_denial)
{
    const struct rule *rules = TABLES[table].rules;
    const size_t count = TABLES[table].count;
    for (size_t i = 0; i < count; i++) {
        link->is_measured = false;
        if (rules[i].holds(link))
            continue;
        if (!link->is_measured)
            return writ_refuse(ret_denial, rules[i].rule, rules[i].field);
        return writ_refuse_as(ret_denial, rules[i].rule, rules[i].field, "It is %lld against %lld.",
                              (long long)link->got, (long long)link->limit);
    }
    return WRIT_SUCCESS;
}
