#include "forge.h"

#include <check.h>
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/jwk.h"

const char FORGE_AUTO[] = "(computed)";

void forge_repeat(struct forge_object *object, const char *name, const char *json)
{
    ck_assert_uint_lt(object->count, FORGE_MEMBERS_MAX);
    object->members[object->count].name = name;
    object->members[object->count++].json = json;
}

void forge_set(struct forge_object *object, const char *name, const char *json)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->members[i].name, name) == 0) {
            object->members[i].json = json;
            return;
        }
    forge_repeat(object, name, json);
}

const char *forge_text(struct writ_arena *arena, const struct forge_object *object)
{
    const char *text = "{";
    for (size_t i = 0; i < object->count; i++)
        if (object->members[i].json)
            text = writ_arena_printf(arena, "%s%s\"%s\":%s", text, text[1] == '\0' ? "" : ",",
                                     object->members[i].name, object->members[i].json);
    return writ_arena_printf(arena, "%s}", text);
}

const uint8_t *forge_seed(uint8_t fill)
{
    static uint8_t seeds[256][32];
    memset(seeds[fill], fill, sizeof seeds[fill]);
    return seeds[fill];
}

struct writ_key forge_key(uint8_t fill)
{
    struct writ_key key;
    writ_public_key_from_seed(forge_seed(fill), key.bytes);
    return key;
}

const char *forge_cnf(struct writ_arena *arena, uint8_t fill)
{
    const struct writ_key key = forge_key(fill);
    return writ_arena_printf(arena, "{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}}",
                             writ_base64url_encode(arena, writ_slice_of(key.bytes, 32)));
}

struct writ_slice forge_sign(struct writ_arena *arena, const char *header, const char *payload,
                             uint8_t seed_fill)
{
    return forge_sign_by(arena, header, payload, forge_seed(seed_fill));
}

struct writ_slice forge_sign_by(struct writ_arena *arena, const char *header, const char *payload,
                                const uint8_t seed[static 32])
{
    uint8_t signature[64];
    const char *input = writ_arena_printf(arena, "%s.%s",
                                          writ_base64url_encode(arena, writ_slice_text(header)),
                                          writ_base64url_encode(arena, writ_slice_text(payload)));
    writ_sign(seed, writ_slice_text(input), signature);
    return writ_slice_text(writ_arena_printf(
        arena, "%s.%s", input, writ_base64url_encode(arena, writ_slice_of(signature, 64))));
}

const char *forge_hash(struct writ_arena *arena, struct writ_slice compact)
{
    uint8_t hash[32];
    char text[44];
    size_t size = compact.size;
    while (size > 0 && compact.data[size - 1] != '.')
        size--;
    writ_sha256(writ_slice_of(compact.data, size - 1), hash);
    writ_base64url_hash(hash, text);
    return writ_arena_printf(arena, "\"%s\"", text);
}

const char *forge_details(struct writ_arena *arena, const char *tools, const char *terms)
{
    const char *first = "";
    const char *second = "";
    if (tools)
        first = writ_arena_printf(arena, "{\"type\":\"attenuating_agent_token\",\"tools\":%s}",
                                  tools);
    if (terms) /* {"a":1} becomes {"type":"writ_terms","a":1} */
        second = writ_arena_printf(arena, "{\"type\":\"writ_terms\"%s%s",
                                   strcmp(terms, "{}") == 0 ? "" : ",", terms + 1);
    return writ_arena_printf(arena, "[%s%s%s]", first, tools && terms ? "," : "", second);
}

static void init_link(struct forge_chain *chain, size_t link)
{
    struct writ_arena *arena = chain->arena;
    struct forge_object *claims = &chain->claims[link];
    forge_set(claims, "jti", writ_arena_printf(arena, "\"link-%zu\"", link));
    forge_set(claims, "iss", link == 0 ? "\"" FORGE_ISSUER "\"" : FORGE_AUTO);
    forge_set(claims, "iat", writ_arena_printf(arena, "%d", FORGE_NOW - 100 + (int)link));
    forge_set(claims, "exp", writ_arena_printf(arena, "%d", FORGE_NOW + 1000 - (int)link));
    forge_set(claims, "cnf", forge_cnf(arena, (uint8_t)(link + 1)));
    forge_set(claims, "del_depth", writ_arena_printf(arena, "%zu", link));
    forge_set(claims, "del_max_depth", "8");
    if (link > 0)
        forge_set(claims, "par_hash", FORGE_AUTO);
    forge_set(claims, "authorization_details", forge_details(arena, FORGE_TOOLS, NULL));
    forge_set(claims, "txn", "\"task-1\"");
    forge_set(claims, "sub", "\"alice\"");
    forge_set(claims, "client_id", writ_arena_printf(arena, "\"agent-%zu\"", link));
    chain->header[link] = FORGE_HEADER;
    chain->signer[link] = link == 0 ? FORGE_ISSUER_SEED : (uint8_t)link;
}

static void init_proof(struct forge_chain *chain)
{
    struct forge_object *proof = &chain->proof;
    forge_set(proof, "jti", "\"proof-1\"");
    forge_set(proof, "iat", writ_arena_printf(chain->arena, "%d", FORGE_NOW));
    forge_set(proof, "aat_id", writ_arena_printf(chain->arena, "\"link-%zu\"", chain->count - 1));
    forge_set(proof, "aat_hash", FORGE_AUTO);
    forge_set(proof, "aat_tool", "\"read_file\"");
    forge_set(proof, "aat_aud", "\"" FORGE_AUDIENCE "\"");
    forge_set(proof, "hta", "{\"path\":\"/a\"}");
    chain->proof_header = FORGE_PROOF_HEADER;
    chain->proof_signer = (uint8_t)chain->count;
    chain->tool = "read_file";
    chain->args = "{\"path\":\"/a\"}";
}

void forge_chain_init(struct forge_chain *chain, struct writ_arena *arena, size_t count)
{
    memset(chain, 0, sizeof *chain);
    chain->arena = arena;
    chain->count = count;
    for (size_t i = 0; i < count; i++)
        init_link(chain, i);
    if (count > 0)
        init_proof(chain);
    chain->anchor = (struct writ_anchor){
        .issuer = writ_slice_text(FORGE_ISSUER),
        .key = forge_key(FORGE_ISSUER_SEED),
    };
    chain->verifier = (struct writ_verifier){
        .profile = WRIT_PROFILE_AAT_02_WRIT,
        .limits = writ_limits_default(),
        .now_unix_s = FORGE_NOW,
        .anchors = &chain->anchor,
        .anchor_count = 1,
        .audience = writ_slice_text(FORGE_AUDIENCE),
    };
}

void forge_set_terms(struct forge_chain *chain, size_t link, const char *terms)
{
    forge_set(&chain->claims[link], "authorization_details",
              forge_details(chain->arena, FORGE_TOOLS, terms));
}

void forge_set_tools(struct forge_chain *chain, size_t link, const char *tools)
{
    forge_set(&chain->claims[link], "authorization_details",
              forge_details(chain->arena, tools, NULL));
}

static const char *computed(const struct forge_object *object, const char *name, const char *value)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->members[i].name, name) == 0 && object->members[i].json == FORGE_AUTO)
            return value;
    return NULL;
}

static void compute(struct forge_object *object, const char *name, const char *value)
{
    if (computed(object, name, value))
        forge_set(object, name, value);
}

void forge_seal(struct forge_chain *chain)
{
    struct writ_arena *arena = chain->arena;
    for (size_t i = 0; i < chain->count; i++) {
        struct forge_object claims = chain->claims[i];
        if (i > 0) {
            char thumbprint[44];
            const struct writ_key parent = forge_key((uint8_t)i);
            writ_key_thumbprint(&parent, thumbprint);
            compute(&claims, "iss",
                    writ_arena_printf(arena, "\"" WRIT_THUMBPRINT_URI "%s\"", thumbprint));
            compute(&claims, "par_hash", forge_hash(arena, chain->links[i - 1]));
        }
        chain->links[i] = forge_sign(arena, chain->header[i], forge_text(arena, &claims),
                                     chain->signer[i]);
    }
    struct forge_object proof = chain->proof;
    if (chain->count > 0)
        compute(&proof, "aat_hash", forge_hash(arena, chain->links[chain->count - 1]));
    chain->proof_compact = forge_sign(
        arena, chain->proof_header ? chain->proof_header : FORGE_PROOF_HEADER,
        forge_text(arena, &proof), chain->proof_signer);
}

static struct writ_verdict judge(struct forge_chain *chain, struct writ_arena *arena,
                                 struct writ_known *known)
{
    const struct writ_presentation presentation = {
        .chain = chain->links,
        .chain_count = chain->count,
        .proof = chain->proof_compact,
    };
    struct writ_verifier verifier = chain->verifier;
    verifier.known = known;
    return writ_verify(arena, &verifier, &presentation, writ_slice_text(chain->tool),
                       writ_slice_text(chain->args));
}

/* A memory that knows the chains that tests start from, so that what they break stands between
 * links that are known. One for the process: nothing a test does to it may matter. */
static struct writ_known *memory_of_valid_chains(void)
{
    enum { LINKS = 4 };
    static struct writ_arena lasting;
    static struct writ_known *known;
    static struct forge_chain chain;
    struct writ_arena arena;
    if (known)
        return known;
    writ_arena_init(&lasting, 0);
    writ_arena_init(&arena, 0);
    known = writ_known_new(&lasting, 64, (const uint8_t[16]){7});
    forge_chain_init(&chain, &arena, LINKS);
    forge_seal(&chain);
    ck_assert(known && judge(&chain, &arena, known).permit);
    writ_arena_done(&arena);
    return known;
}

struct writ_verdict forge_judge(struct forge_chain *chain)
{
    struct writ_arena arena;
    const struct writ_verdict verdict = judge(chain, chain->arena, NULL);
    if (chain->verifier.replayed) /* would see the proof twice */
        return verdict;
    writ_arena_init(&arena, chain->arena->limit);
    const struct writ_verdict again = judge(chain, &arena, memory_of_valid_chains());
    writ_arena_done(&arena);
    if (verdict.denial.outcome == WRIT_OUT_OF_MEMORY) /* which of the two needs more is open */
        return verdict;
    ck_assert_msg(again.permit == verdict.permit && again.denial.hop == verdict.denial.hop &&
                      again.denial.outcome == verdict.denial.outcome &&
                      strcmp(again.denial.step, verdict.denial.step) == 0 &&
                      strcmp(again.denial.field, verdict.denial.field) == 0 &&
                      strcmp(again.denial.detail, verdict.denial.detail) == 0,
                  "with a memory of links: %s at %s, hop %d: %s",
                  writ_status_code(again.denial.outcome), again.denial.step, again.denial.hop,
                  again.denial.detail);
    return verdict;
}

void forge_permits(struct forge_chain *chain, const char *what)
{
    forge_seal(chain);
    const struct writ_verdict verdict = forge_judge(chain);
    ck_assert_msg(verdict.permit, "%s: %s at %s, hop %d: %s %s", what,
                  writ_status_code(verdict.denial.outcome), verdict.denial.step, verdict.denial.hop,
                  verdict.denial.field, verdict.denial.detail);
}

void forge_denies_sealed(struct forge_chain *chain, const char *what, const char *step,
                         enum writ_status outcome, int hop)
{
    const struct writ_verdict verdict = forge_judge(chain);
    ck_assert_msg(!verdict.permit, "%s: permit", what);
    ck_assert_msg(strcmp(verdict.denial.step, step) == 0 && verdict.denial.outcome == outcome &&
                      verdict.denial.hop == hop,
                  "%s: %s at %s, hop %d: %s %s", what, writ_status_code(verdict.denial.outcome),
                  verdict.denial.step, verdict.denial.hop, verdict.denial.field,
                  verdict.denial.detail);
}

void forge_denies(struct forge_chain *chain, const char *what, const char *step,
                  enum writ_status outcome, int hop)
{
    forge_seal(chain);
    forge_denies_sealed(chain, what, step, outcome, hop);
}
