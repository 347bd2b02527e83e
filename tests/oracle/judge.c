/*
 * judge: what libwrit says of cases on standard input, one JSON line each; an answer line each.
 *
 *   {"aat_chain": [...], ...}       a case of case.py          verdict, step, outcome, hop
 *   {"tools": TEXT, ...}            an authority, and a `child` or a `tool` with `args`
 *   {"notation": TEXT}              an authority in notation
 *
 * A text is a string or, where no JSON string can hold it, {"hex": "..."}.
 */
#include <stdio.h>
#include <stdlib.h>

#include "authority/authority.h"
#include "jose/jwk.h"
#include "writ.h"
#include "json/json.h"

static struct writ_arena arena; /* of one line */

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "judge: %s\n", what);
    exit(2);
}

static unsigned digit_of(uint8_t letter)
{
    must((letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'), "hex");
    return (unsigned)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
}

static struct writ_slice text_of(const struct writ_json *value)
{
    const struct writ_json *hex = writ_json_get(value, "hex");
    if (!hex)
        return writ_json_text(value);
    uint8_t *bytes = writ_arena_alloc(&arena, hex->text.size / 2 + 1);
    must(bytes != NULL && hex->text.size % 2 == 0, "hex");
    for (size_t i = 0; i < hex->text.size / 2; i++)
        bytes[i] = (uint8_t)(digit_of(hex->text.data[2 * i]) * 16 +
                             digit_of(hex->text.data[2 * i + 1]));
    return writ_slice_of(bytes, hex->text.size / 2);
}

static struct writ_slice member(const struct writ_json *object, const char *name)
{
    return text_of(writ_json_get(object, name));
}

static int64_t number(const struct writ_json *object, const char *name)
{
    int64_t integer = 0;
    must(writ_json_integer(writ_json_get(object, name), &integer), name);
    return integer;
}

static bool is_true(const struct writ_json *object, const char *name)
{
    const struct writ_json *value = writ_json_get(object, name);
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

static enum writ_profile profile_of(const struct writ_json *line)
{
    return writ_slice_is(member(line, "profile"), "aat-02+writ") ? WRIT_PROFILE_AAT_02_WRIT
                                                                 : WRIT_PROFILE_AAT_02;
}

static void answer(const struct writ_json *json)
{
    const struct writ_slice text = writ_json_canonical(&arena, json);
    must(text.data != NULL, "out of memory");
    printf("%.*s\n", WRIT_SLICE_ARGS(text));
}

static struct writ_json *new_answer(enum writ_status outcome, const struct writ_denial *denial)
{
    struct writ_json *json = writ_json_new_object(&arena);
    writ_json_put_string(&arena, json, "outcome", writ_status_code(outcome));
    if (outcome == WRIT_OK)
        return json;
    writ_json_put_string(&arena, json, "step", denial->step ? denial->step : "");
    writ_json_put_string(&arena, json, "detail", denial->detail);
    if (denial->hop >= 0)
        writ_json_put_integer(&arena, json, "hop", denial->hop);
    return json;
}

/* ---- Presentations ------------------------------------------------------------------------ */

static bool is_accepted(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                        int64_t iat_unix_s)
{
    const struct writ_json *accepted = context;
    (void)leaf_hash;
    (void)iat_unix_s;
    for (size_t i = 0; i < accepted->count; i++)
        if (writ_slice_equal(accepted->items[i].text, jti))
            return true;
    return false;
}

static const struct writ_anchor *anchors_of(const struct writ_json *list)
{
    must(writ_json_is(list, WRIT_JSON_ARRAY), "trust_anchors");
    struct writ_anchor *anchors = writ_arena_array(&arena, list->count, sizeof *anchors);
    for (size_t i = 0; i < list->count; i++) {
        anchors[i].issuer = member(&list->items[i], "iss");
        anchors[i].kid = member(&list->items[i], "kid");
        must(writ_is_ok(writ_jwk_read(writ_json_get(&list->items[i], "jwk"), &anchors[i].key)),
             "the key of a trust anchor");
    }
    return anchors;
}

static struct writ_verifier verifier_of(const struct writ_json *line)
{
    const struct writ_json *params = writ_json_get(line, "params");
    const struct writ_json *policy = writ_json_get(line, "policy");
    const struct writ_json *anchors = writ_json_get(line, "trust_anchors");
    const struct writ_json *accepted = writ_json_get(policy, "accepted");
    return (struct writ_verifier){
        .profile = profile_of(line),
        .limits = {.max_iat_skew_s = number(params, "max_iat_skew"),
                   .max_token_lifetime_s = number(params, "max_token_lifetime"),
                   .pop_window_s = number(params, "pop_window"),
                   .max_delegation_depth = (int)number(params, "max_delegation_depth"),
                   .max_constraint_depth = (int)number(params, "max_constraint_depth")},
        .now_unix_s = number(line, "now"),
        .anchors = anchors_of(anchors),
        .anchor_count = anchors->count,
        .audience = member(params, "audience"),
        .require_chain_audience = is_true(policy, "require_chain_aud"),
        .require_proof_audience = is_true(policy, "require_pop_aud"),
        .nonce = member(policy, "nonce"),
        .replayed = accepted ? is_accepted : NULL,
        .replayed_context = (struct writ_json *)(uintptr_t)accepted,
    };
}

static void judge_presentation(const struct writ_json *line)
{
    const struct writ_json *links = writ_json_get(line, "aat_chain");
    must(writ_json_is(links, WRIT_JSON_ARRAY), "aat_chain");
    struct writ_slice *chain = writ_arena_array(&arena, links->count, sizeof *chain);
    for (size_t i = 0; i < links->count; i++)
        chain[i] = text_of(&links->items[i]);
    const struct writ_verifier verifier = verifier_of(line);
    const struct writ_presentation presentation = {chain, links->count, member(line, "aat_pop")};
    const struct writ_verdict verdict = writ_verify(&arena, &verifier, &presentation,
                                                    member(line, "tool"), member(line, "args"));
    struct writ_json *json = new_answer(verdict.denial.outcome, &verdict.denial);
    writ_json_put_string(&arena, json, "verdict", verdict.permit ? "PERMIT" : "DENY");
    answer(json);
}

/* ---- Authorities -------------------------------------------------------------------------- */

static void judge_authority(const struct writ_json *line)
{
    struct writ_denial denial = {.hop = -1};
    const struct writ_authority *authority = NULL;
    const struct writ_authority *child = NULL;
    struct writ_slice said = WRIT_SLICE_NONE;
    struct writ_slice tools = WRIT_SLICE_NONE;
    struct writ_result judged = writ_authority_parse(&arena, member(line, "tools"),
                                                     profile_of(line), &authority, &denial);
    if (writ_is_ok(judged)) {
        said = writ_authority_notation(&arena, authority);
        tools = writ_authority_json(&arena, authority);
    }
    if (writ_is_ok(judged) && writ_json_get(line, "child")) {
        judged = writ_authority_parse(&arena, member(line, "child"), profile_of(line), &child,
                                      &denial);
        if (writ_is_ok(judged))
            judged = writ_authority_narrower(&arena, authority, child, &denial);
    }
    if (writ_is_ok(judged) && writ_json_get(line, "args"))
        judged = writ_authority_check(&arena, authority, profile_of(line), member(line, "tool"),
                                      member(line, "args"), &denial);
    struct writ_json *json = new_answer(judged.status, &denial);
    if (said.data)
        writ_json_put_text(&arena, json, "notation", said);
    if (tools.data)
        writ_json_put_text(&arena, json, "tools", tools);
    answer(json);
}

static void judge_notation(const struct writ_json *line)
{
    struct writ_denial denial = {.hop = -1};
    const struct writ_authority *authority = NULL;
    const struct writ_result read = writ_authority_from_notation(&arena, member(line, "notation"),
                                                                 &authority, &denial);
    struct writ_json *json = new_answer(read.status, &denial);
    if (writ_is_ok(read)) {
        writ_json_put_text(&arena, json, "tools", writ_authority_json(&arena, authority));
        writ_json_put_text(&arena, json, "notation", writ_authority_notation(&arena, authority));
    }
    answer(json);
}

static void judge(struct writ_slice text)
{
    const struct writ_json *line = NULL;
    must(writ_is_ok(writ_json_parse(&arena, text, &line)), "a line that is no JSON");
    if (writ_json_get(line, "aat_chain"))
        judge_presentation(line);
    else if (writ_json_get(line, "tools"))
        judge_authority(line);
    else
        judge_notation(line);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    must(writ_is_ok(writ_start()), "writ_start");
    for (ssize_t size = 0; (size = getline(&line, &room, stdin)) > 0;) {
        writ_arena_init(&arena, 0);
        judge(writ_slice_of(line, (size_t)size));
        writ_arena_done(&arena);
    }
    free(line);
    return 0;
}
