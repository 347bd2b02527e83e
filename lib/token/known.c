#include "token/known.h"

#include <string.h>

#include "base/crypto.h"
#include "token/rules.h"

/* A link of moderate size takes about 8 KiB; one that takes more than this is not remembered. */
enum { WAYS = 4, LINK_MEMORY_MAX = 64 * 1024, TAIL_BYTES = 86 };

struct slot {
    struct writ_arena arena;
    bool is_used;
    uint64_t turn;
    struct writ_known_link known;
};

struct writ_known {
    uint8_t random[16];
    uint64_t turn;
    uint64_t begun; /* the turn when the present verification began */
    size_t sets;
    struct slot *slots;
};

struct writ_known *writ_known_new(struct writ_arena *arena, size_t capacity,
                                  const uint8_t random[static 16])
{
    const size_t sets = capacity / WAYS + (capacity % WAYS != 0);
    struct writ_known *known = writ_arena_alloc(arena, sizeof *known);
    if (!known || sets == 0 || sets > SIZE_MAX / WAYS)
        return NULL;
    known->slots = writ_arena_array(arena, sets * WAYS, sizeof *known->slots);
    if (!known->slots)
        return NULL;
    memcpy(known->random, random, sizeof known->random);
    known->sets = sets;
    for (size_t i = 0; i < sets * WAYS; i++)
        writ_arena_init(&known->slots[i].arena, LINK_MEMORY_MAX);
    return known;
}

void writ_known_done(struct writ_known *known)
{
    for (size_t i = 0; known && i < known->sets * WAYS; i++)
        writ_arena_done(&known->slots[i].arena);
}

/* Its signature says where a link is; all of its bytes say whether it is the one. */
static struct slot *set_of(struct writ_known *known, struct writ_slice compact)
{
    const size_t size = compact.size < TAIL_BYTES ? compact.size : TAIL_BYTES;
    const struct writ_slice tail = writ_slice_of(compact.data + (compact.size - size), size);
    return &known->slots[writ_fingerprint(known->random, tail) % known->sets * WAYS];
}

static bool holds(const struct slot *slot, struct writ_slice compact)
{
    return slot->is_used && writ_slice_equal(slot->known.link.jws.compact, compact);
}

void writ_known_begin(struct writ_known *known)
{
    if (known)
        known->begun = known->turn;
}

const struct writ_known_link *writ_known_find(struct writ_known *known, struct writ_slice compact)
{
    if (!known)
        return NULL;
    struct slot *set = set_of(known, compact);
    for (size_t i = 0; i < WAYS; i++)
        if (holds(&set[i], compact)) {
            set[i].turn = ++known->turn;
            return &set[i].known;
        }
    return NULL;
}

/* An anchor that is no longer trusted verifies nothing, whatever it verified before. */
static bool is_anchored(const struct writ_verifier *verifier, const struct writ_link *link)
{
    for (size_t i = 0; i < verifier->anchor_count; i++)
        if (writ_rules_select(&verifier->anchors[i], &link->jws) &&
            memcmp(verifier->anchors[i].key.bytes, link->signer.bytes, WRIT_PUBLIC_KEY_SIZE) == 0)
            return true;
    return false;
}

/* The parent's hash covers its claims: the key that signs its children, and the hash of its own
 * parent, and so all above. */
static bool is_same_parent(const struct writ_known_link *found, const struct writ_token *parent)
{
    return memcmp(found->parent_hash, parent->hash, sizeof found->parent_hash) == 0;
}

void writ_known_take(const struct writ_known_link *found, struct writ_link *link)
{
    const struct writ_verifier *verifier = link->verifier;
    const struct writ_token *parent = link->parent;
    if (found->profile != verifier->profile ||
        found->max_constraint_depth != verifier->limits.max_constraint_depth ||
        (parent ? !is_same_parent(found, parent) : !is_anchored(verifier, &found->link)))
        return;
    *link = found->link;
    link->verifier = verifier;
    link->parent = parent;
}

/* The slot of these bytes, or the one that was used longest ago; empty slots come first. NULL when
 * the present verification stands in all of them: its tokens point there. */
static struct slot *slot_for(struct writ_known *known, struct writ_slice compact)
{
    struct slot *set = set_of(known, compact);
    struct slot *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (holds(&set[i], compact))
            return &set[i];
        if (set[i].turn < oldest->turn)
            oldest = &set[i];
    }
    return oldest->turn > known->begun ? NULL : oldest;
}

/* Everything that the slot keeps is read or copied into its own arena. */
static struct writ_result fill(struct slot *slot, const struct writ_verifier *verifier,
                               const struct writ_token *token, const struct writ_token *parent)
{
    struct writ_known_link *known = &slot->known;
    struct writ_denial unused;
    const struct writ_slice compact = writ_arena_copy(&slot->arena, token->compact);
    WRIT_ENSURE(compact.data, OUT_OF_MEMORY);
    WRIT_TRY(
        writ_link_read_trusted(&slot->arena, verifier->profile, compact, &known->link, &unused));
    WRIT_TRY(writ_effective_copy(&slot->arena, &token->effective, &known->link.effective));
    known->link.verifier = NULL;
    known->link.is_known = true;
    known->link.signer = token->signer;
    known->profile = verifier->profile;
    known->max_constraint_depth = verifier->limits.max_constraint_depth;
    if (parent)
        memcpy(known->parent_hash, parent->hash, sizeof known->parent_hash);
    return WRIT_SUCCESS;
}

void writ_known_put(struct writ_known *known, const struct writ_verifier *verifier,
                    const struct writ_token *tokens, size_t token_count)
{
    for (size_t i = 0; known && i < token_count; i++) {
        struct slot *slot = tokens[i].is_known ? NULL : slot_for(known, tokens[i].compact);
        if (!slot)
            continue;
        writ_arena_reset(&slot->arena);
        slot->turn = ++known->turn;
        slot->is_used = writ_is_ok(fill(slot, verifier, &tokens[i], i > 0 ? &tokens[i - 1] : NULL));
    }
}
