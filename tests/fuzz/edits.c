#include "edits.h"

#include <string.h>

#include "base/base64url.h"

/* An index of a link, chain->count for the proof, more for nothing. */
static size_t target_of(const struct forge_chain *chain, struct writ_slice word)
{
    if (writ_slice_is(word, "p"))
        return chain->count;
    if (word.size != 1 || word.data[0] < '0' || word.data[0] > '9')
        return SIZE_MAX;
    const size_t link = (size_t)(word.data[0] - '0');
    return link < chain->count ? link : SIZE_MAX;
}

static const char *text_of(struct forge_chain *chain, struct writ_slice text)
{
    return writ_arena_text(chain->arena, text);
}

static void set_claim(struct forge_chain *chain, size_t target, struct writ_slice rest)
{
    struct forge_object *object = target == chain->count ? &chain->proof : &chain->claims[target];
    const struct writ_slice name = fuzz_take_word(&rest);
    if (name.size == 0 || object->count + 1 >= FORGE_MEMBERS_MAX)
        return;
    forge_set(object, text_of(chain, name), rest.size > 0 ? text_of(chain, rest) : NULL);
}

static void set_signer(struct forge_chain *chain, struct writ_slice rest)
{
    const size_t target = target_of(chain, fuzz_take_word(&rest));
    const uint8_t seed = fuzz_take_byte(&rest);
    if (target < chain->count)
        chain->signer[target] = seed;
    else if (target == chain->count)
        chain->proof_signer = seed;
}

static void set_header(struct forge_chain *chain, struct writ_slice rest)
{
    const size_t target = target_of(chain, fuzz_take_word(&rest));
    if (target < chain->count)
        chain->header[target] = text_of(chain, rest);
    else if (target == chain->count)
        chain->proof_header = text_of(chain, rest);
}

static void apply(struct forge_chain *chain, struct writ_slice line)
{
    const struct writ_slice word = fuzz_take_word(&line);
    const size_t target = target_of(chain, word);
    if (target != SIZE_MAX)
        set_claim(chain, target, line);
    else if (writ_slice_is(word, "s"))
        set_signer(chain, line);
    else if (writ_slice_is(word, "h"))
        set_header(chain, line);
    else if (writ_slice_is(word, "t"))
        chain->tool = text_of(chain, line);
    else if (writ_slice_is(word, "a") || writ_slice_is(word, "c"))
        chain->args = text_of(chain, line);
    else if (writ_slice_is(word, "x"))
        chain->verifier.profile = STRICT;
    if (writ_slice_is(word, "c") && chain->proof.count + 1 < FORGE_MEMBERS_MAX)
        forge_set(&chain->proof, "hta", text_of(chain, line));
    if (writ_slice_is(word, "t") && chain->proof.count + 1 < FORGE_MEMBERS_MAX) {
        const struct writ_json tool = {.type = WRIT_JSON_STRING, .text = line};
        forge_set(&chain->proof, "aat_tool",
                  (const char *)writ_json_canonical(chain->arena, &tool).data);
    }
}

void edits_apply(struct forge_chain *chain, struct writ_slice lines)
{
    while (lines.size > 0) {
        const struct writ_slice line = fuzz_take_line(&lines);
        struct writ_slice text = writ_slice_text(text_of(chain, line)); /* up to a NUL */
        apply(chain, text);
    }
}

const struct writ_json *edits_claims(struct writ_arena *arena, struct writ_slice compact)
{
    struct writ_slice payload;
    const char *begin = strchr((const char *)compact.data, '.');
    const char *end = strrchr((const char *)compact.data, '.');
    FUZZ_HOLDS(begin && begin < end);
    const struct writ_slice text = writ_slice_of(begin + 1, (size_t)(end - begin - 1));
    FUZZ_HOLDS(writ_is_ok(writ_base64url_decode(arena, text, &payload)));
    return fuzz_json(arena, payload);
}
