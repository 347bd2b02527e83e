/*
 * A whole presentation as it comes in: the time, links from the root on, the proof, the tool and
 * the arguments, a line each. The seeds are the published vectors, so some are permitted.
 */
#include "fuzz.h"

#include <string.h>

#include "unit/forge.h"

enum { LINES_MAX = 40, AROUND_LINKS = 4 };

static size_t replay_asked;

static bool never_replayed(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                           int64_t iat_unix_s)
{
    (void)context, (void)iat_unix_s;
    FUZZ_HOLDS(leaf_hash.size == 32 && jti.size > 0);
    replay_asked++;
    return false;
}

static struct writ_verdict judge(struct writ_arena *arena, enum writ_profile profile,
                                 int64_t now_unix_s, const struct writ_slice *lines, size_t links)
{
    const struct writ_anchor anchor = {
        .issuer = writ_slice_text("https://auth.example.com"),
        .key = forge_key(1), /* the key of the vectors' control plane */
    };
    const struct writ_verifier verifier = {
        .profile = profile,
        .limits = writ_limits_default(),
        .now_unix_s = now_unix_s,
        .anchors = &anchor,
        .anchor_count = 1,
        .audience = writ_slice_text("https://tools.example.com"),
        .replayed = never_replayed,
    };
    const struct writ_presentation presentation = {lines, links, lines[links]};
    replay_asked = 0;
    const struct writ_verdict verdict = writ_verify(arena, &verifier, &presentation,
                                                    lines[links + 1], lines[links + 2]);
    FUZZ_HOLDS(verdict.permit == (verdict.denial.outcome == WRIT_OK));
    FUZZ_HOLDS(replay_asked == (verdict.permit ? 1 : 0));
    FUZZ_HOLDS(verdict.denial.hop >= -1 && verdict.denial.hop <= WRIT_CHAIN_MAX);
    FUZZ_HOLDS(memchr(verdict.denial.detail, '\0', sizeof verdict.denial.detail));
    FUZZ_HOLDS(verdict.denial.outcome != WRIT_OUT_OF_MEMORY &&
               verdict.denial.outcome != WRIT_INTERNAL);
    return verdict;
}

/* What was permitted is not, as soon as one signature has another bit. */
static void check_signatures(struct writ_arena *arena, int64_t now_unix_s, struct writ_slice *lines,
                             size_t links)
{
    for (size_t i = 0; i <= links; i++) {
        const struct writ_slice whole = lines[i];
        char *changed = writ_arena_text(arena, whole);
        char *byte = changed + whole.size - 10;
        *byte = *byte == 'A' ? 'B' : 'A';
        lines[i] = writ_slice_text(changed);
        FUZZ_HOLDS(!judge(arena, STRICT, now_unix_s, lines, links).permit);
        lines[i] = whole;
    }
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_slice lines[LINES_MAX];
    size_t count = 0;
    while (input.size > 0 && count < LINES_MAX)
        lines[count++] = fuzz_take_line(&input);
    int64_t now_unix_s = 0;
    const struct writ_json *now = count > 0 ? fuzz_json(arena, lines[0]) : NULL;
    if (count < AROUND_LINKS || !writ_json_integer(now, &now_unix_s))
        return;
    const size_t links = count - AROUND_LINKS;
    judge(arena, OURS, now_unix_s, lines + 1, links);
    if (judge(arena, STRICT, now_unix_s, lines + 1, links).permit)
        check_signatures(arena, now_unix_s, lines + 1, links);
}
