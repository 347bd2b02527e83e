#include "domain_terms.h"

#include <string.h>

#include "tally.h"

const char *const DOMAIN_MEMBER_NAMES[DOMAIN_MEMBERS] = {"clearance", "approval", "call_only",
                                                         "pass_only", "budget"};
const char *const DOMAIN_TOOL_NAMES[DOMAIN_TOOLS] = {"read_file", "send_email"};
const char *const DOMAIN_AGENT_NAMES[DOMAIN_AGENTS] = {"planner", "executor"};

static const struct writ_json *parse(struct writ_arena *arena, const char *text)
{
    const struct writ_json *json = NULL;
    if (!writ_is_ok(writ_json_parse(arena, writ_slice_text(text), &json)))
        ck_abort_msg("%s", text);
    return json;
}

static const struct writ_authority *authority_of(struct writ_arena *arena, const char *tools)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial = {0};
    MUST(writ_is_ok(writ_authority_parse(arena, writ_slice_text(tools), WRIT_PROFILE_AAT_02_WRIT,
                                         &authority, &denial)));
    return authority;
}

static const struct writ_json *names_of(struct writ_arena *arena,
                                        const struct writ_authority *authority)
{
    struct writ_json *names = writ_json_new_array(arena);
    for (size_t i = 0; i < authority->tool_count; i++)
        writ_json_add_text(arena, names, authority->tools[i].name);
    return names;
}

/* tools NULL: no entry. */
static struct domain_choice choice_of(struct domain_terms *domain, struct writ_arena *arena,
                                      const struct writ_json *terms, const char *tools,
                                      size_t agent, size_t key)
{
    struct domain_choice choice = {
        .stated = {.terms = terms,
                   .agent = writ_slice_text(DOMAIN_AGENT_NAMES[agent]),
                   .key = writ_slice_text(domain->thumbprints[key])},
        .authority = tools ? authority_of(arena, tools) : NULL,
        .key = &domain->keys[key],
    };
    struct writ_denial denial = {0};
    if (!writ_is_ok(writ_terms_read(arena, terms, &choice.read, &denial)))
        ck_abort_msg("%s", (const char *)writ_json_canonical(arena, terms).data);
    if (choice.authority)
        choice.stated.tools = names_of(arena, choice.authority);
    return choice;
}

/* To the member that is being filled. `value` NULL: the link says nothing. */
static void add(struct domain_terms *domain, size_t member, const char *value, const char *tools,
                size_t agent, size_t key)
{
    const size_t at = domain->starts[member + 1]++;
    MUST(at < DOMAIN_TERMS_MAX);
    struct writ_json *terms = writ_json_new_object(&domain->arena);
    if (value)
        writ_json_put(&domain->arena, terms, DOMAIN_MEMBER_NAMES[member],
                      parse(&domain->arena, value));
    domain->choices[at] = choice_of(domain, &domain->arena, terms, tools, agent, key);
}

/* ---- Clearance ------------------------------------------------------------------------------- */

static const char *const INTEGRITIES[] = {"trusted", "untrusted"};
static const char *const CATEGORIES[] = {"[]", "[\"pii\"]", "[\"hr\"]", "[\"pii\",\"hr\",\"pii\"]"};

static const char *label(struct domain_terms *domain, const char *level, size_t integrity,
                         size_t categories)
{
    return writ_arena_printf(&domain->arena,
                             "{\"confidentiality\":\"%s\",\"integrity\":\"%s\",\"categories\":%s}",
                             level, INTEGRITIES[integrity], CATEGORIES[categories]);
}

static void add_clearances(struct domain_terms *domain, size_t member)
{
    static const char *const LEVELS[] = {"public", "internal", "restricted"};
    static const char *const PARTIAL[] = {NULL, "{}", "{\"confidentiality\":\"confidential\"}",
                                          "{\"integrity\":\"trusted\"}",
                                          "{\"categories\":[\"hr\"]}"};
    for (size_t i = 0; i < COUNT(PARTIAL); i++)
        add(domain, member, PARTIAL[i], NULL, 0, 0);
    for (size_t level = 0; level < COUNT(LEVELS); level++)
        for (size_t integrity = 0; integrity < COUNT(INTEGRITIES); integrity++)
            for (size_t categories = 0; categories < COUNT(CATEGORIES); categories++)
                add(domain, member, label(domain, LEVELS[level], integrity, categories), NULL, 0,
                    0);
}

static const struct writ_json *all_labels(struct domain_terms *domain)
{
    static const char *const LEVELS[] = {"public", "internal", "confidential", "restricted"};
    struct writ_json *all = writ_json_new_array(&domain->arena);
    for (size_t level = 0; level < COUNT(LEVELS); level++)
        for (size_t integrity = 0; integrity < COUNT(INTEGRITIES); integrity++)
            for (size_t categories = 0; categories < COUNT(CATEGORIES); categories++)
                writ_json_add(
                    &domain->arena, all,
                    parse(&domain->arena, label(domain, LEVELS[level], integrity, categories)));
    return all;
}

/* ---- Approval -------------------------------------------------------------------------------- */

static void add_approvals(struct domain_terms *domain, size_t member)
{
    static const char *const RULES[] = {
        "{\"tools\":[\"read_file\"],\"approvers\":[\"finance\"],\"quorum\":1}",
        "{\"tools\":[\"read_file\"],\"approvers\":[\"finance\"],\"quorum\":2}",
        "{\"tools\":[\"read_file\",\"send_email\"],\"approvers\":[\"legal\"],\"quorum\":1}",
    };
    add(domain, member, NULL, NULL, 0, 0);
    add(domain, member, "[]", NULL, 0, 0);
    for (size_t i = 0; i < COUNT(RULES); i++) {
        add(domain, member, writ_arena_printf(&domain->arena, "[%s]", RULES[i]), NULL, 0, 0);
        for (size_t j = 0; j < COUNT(RULES); j++)
            add(domain, member, writ_arena_printf(&domain->arena, "[%s,%s]", RULES[i], RULES[j]),
                NULL, 0, 0);
    }
}

/* ---- Call only, pass only -------------------------------------------------------------------- */

static const char *const NAMES[] = {NULL, "[]", "[\"read_file\"]", "[\"send_email\"]",
                                    "[\"send_email\",\"read_file\",\"send_email\"]"};
static const char *const AUTHORITIES[] = {NULL, "{}", "{\"read_file\":{}}", "{\"send_email\":{}}",
                                          "{\"read_file\":{},\"send_email\":{}}"};

static void add_call_only(struct domain_terms *domain, size_t member)
{
    for (size_t tools = 0; tools < COUNT(AUTHORITIES); tools++)
        for (size_t i = 0; i < COUNT(NAMES); i++)
            add(domain, member, NAMES[i], AUTHORITIES[tools], 0, 0);
}

static void add_pass_only(struct domain_terms *domain, size_t member)
{
    for (size_t agent = 0; agent < DOMAIN_AGENTS; agent++)
        for (size_t key = 0; key < DOMAIN_KEYS; key++)
            for (size_t i = 0; i < COUNT(NAMES); i++)
                add(domain, member, NAMES[i], NULL, agent, key);
}

/* ---- Budget ---------------------------------------------------------------------------------- */

static void add_budgets(struct domain_terms *domain, size_t member)
{
    static const char *const LIMITS[] = {"10", "9", "9.50", "9.5"};
    static const char *const PER_CALL[] = {"", ",\"per_call\":\"0.9\"", ",\"per_call\":\"0.10\""};
    static const char *const CALLS[] = {"", "{\"unit\":\"calls\",\"limit\":\"20\"}",
                                        "{\"unit\":\"calls\",\"limit\":\"3\"}"};
    add(domain, member, NULL, NULL, 0, 0);
    for (size_t calls = 0; calls < COUNT(CALLS); calls++) {
        add(domain, member, writ_arena_printf(&domain->arena, "[%s]", CALLS[calls]), NULL, 0, 0);
        for (size_t limit = 0; limit < COUNT(LIMITS); limit++)
            for (size_t i = 0; i < COUNT(PER_CALL); i++)
                add(domain, member,
                    writ_arena_printf(&domain->arena,
                                      "[%s%s{\"unit\":\"usd\",\"tool\":\"read_file\","
                                      "\"argument\":\"amount\",\"limit\":\"%s\"%s}]",
                                      CALLS[calls], calls > 0 ? "," : "", LIMITS[limit],
                                      PER_CALL[i]),
                    NULL, 0, 0);
    }
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Beside DOMAIN_MEMBER_NAMES. */
static void (*const ADD[DOMAIN_MEMBERS])(struct domain_terms *domain, size_t member) = {
    add_clearances, add_approvals, add_call_only, add_pass_only, add_budgets};

void domain_terms_start(struct domain_terms *domain)
{
    memset(domain, 0, sizeof *domain);
    writ_arena_init(&domain->arena, 0);
    for (size_t i = 0; i < DOMAIN_KEYS; i++) {
        uint8_t seed[32];
        memset(seed, (int)i + 1, sizeof seed);
        MUST(writ_is_ok(writ_key_from_seed(seed, &domain->keys[i])));
        writ_key_thumbprint(&domain->keys[i], domain->thumbprints[i]);
    }
    domain->everything = authority_of(&domain->arena, "{\"read_file\":{},\"send_email\":{}}");
    domain->labels = all_labels(domain);
    for (size_t member = 0; member < DOMAIN_MEMBERS; member++) {
        domain->starts[member + 1] = domain->starts[member];
        ADD[member](domain, member);
    }
}

void domain_terms_done(struct domain_terms *domain)
{
    writ_arena_done(&domain->arena);
}

struct domain_choice domain_terms_random(struct domain_terms *domain, struct writ_arena *arena,
                                         struct generate *generate)
{
    struct writ_json *terms = writ_json_new_object(arena);
    for (size_t member = 0; member < DOMAIN_MEMBERS; member++) {
        const size_t start = domain->starts[member], count = domain->starts[member + 1] - start;
        const struct domain_choice *from =
            &domain->choices[start + generate_number(generate, count)];
        const struct writ_json *said = writ_json_get(from->stated.terms,
                                                     DOMAIN_MEMBER_NAMES[member]);
        if (said && generate_number(generate, 3) == 0)
            writ_json_put(arena, terms, DOMAIN_MEMBER_NAMES[member], said);
    }
    return choice_of(
        domain, arena, terms, AUTHORITIES[generate_number(generate, COUNT(AUTHORITIES))],
        generate_number(generate, DOMAIN_AGENTS), generate_number(generate, DOMAIN_KEYS));
}
