#include "verdict.h"

#include <string.h>

#include "jose/jwk.h"
#include "output.h"

static enum cli_exit read_anchor(struct cli *cli, const struct writ_json *json,
                                 struct writ_anchor *ret_anchor)
{
    const struct writ_json *jwk = writ_json_get(json, "jwk");
    const struct writ_slice kid = writ_json_text(writ_json_get(json, "kid"));
    *ret_anchor = (struct writ_anchor){
        .issuer = writ_json_text(writ_json_get(json, "iss")),
        .kid = kid.size > 0 ? kid : writ_json_text(writ_json_get(jwk, "kid")),
    };
    if (ret_anchor->issuer.size == 0 || !jwk)
        return cli_fail(cli, "a trust anchor needs `iss` and `jwk`");
    const struct writ_result read = writ_jwk_read(jwk, &ret_anchor->key);
    if (!writ_is_ok(read))
        return cli_fail(cli, "the key of the trust anchor %s: %s",
                        output_safe(cli, ret_anchor->issuer), writ_status_code(read.status));
    return CLI_DONE;
}

enum cli_exit verdict_read_anchors(struct cli *cli, const struct writ_json *json,
                                   struct writ_verifier *verifier)
{
    const struct writ_json *list = writ_json_is(json, WRIT_JSON_ARRAY)
                                       ? json
                                       : writ_json_get(json, "trust_anchors");
    if (!writ_json_is(list, WRIT_JSON_ARRAY))
        return cli_fail(cli, "there is no list of trust anchors");
    struct writ_anchor *anchors = cli_must(
        writ_arena_array(&cli->arena, list->count, sizeof *anchors));
    for (size_t i = 0; i < list->count; i++)
        CLI_TRY(read_anchor(cli, &list->items[i], &anchors[i]));
    verifier->anchors = anchors;
    verifier->anchor_count = list->count;
    return CLI_DONE;
}

enum cli_exit verdict_read_presentation(struct cli *cli, const struct writ_json *json,
                                        struct writ_presentation *ret_presentation)
{
    const struct writ_json *chain = writ_json_get(json, "aat_chain");
    if (!writ_json_is_texts(chain))
        return cli_fail(cli, "a presentation needs `aat_chain`, a list of tokens; one by reference "
                             "can only be judged by the service");
    struct writ_slice *links = cli_must(writ_arena_array(&cli->arena, chain->count, sizeof *links));
    for (size_t i = 0; i < chain->count; i++)
        links[i] = chain->items[i].text;
    *ret_presentation = (struct writ_presentation){
        .chain = links,
        .chain_count = chain->count,
        .proof = writ_json_text(writ_json_get(json, "aat_pop")),
    };
    return CLI_DONE;
}

static void put_not_checked(struct writ_arena *arena, struct writ_json *json, const char *text)
{
    struct writ_json *list = writ_json_put_array(arena, json, "not_checked");
    while (text && *text) {
        const size_t size = strcspn(text, ",");
        writ_json_add_text(arena, list, writ_slice_of(text, size));
        text += size + (text[size] == ',');
    }
}

static void put_text_or_null(struct writ_arena *arena, struct writ_json *json, const char *name,
                             const char *text)
{
    if (text && *text)
        writ_json_put_string(arena, json, name, text);
    else
        writ_json_put_null(arena, json, name);
}

/* "tools.read_file.path: child allows ...", or whichever of the two there is. */
static const char *detail_of(struct writ_arena *arena, const struct writ_denial *denial)
{
    const bool both = denial->field[0] && denial->detail[0];
    return cli_must(
        writ_arena_printf(arena, "%s%s%s", denial->field, both ? ": " : "", denial->detail));
}

struct writ_json *verdict_json(struct writ_arena *arena, const struct writ_verdict *verdict,
                               struct writ_slice id)
{
    const struct writ_denial *denial = &verdict->denial;
    struct writ_json *json = cli_must(writ_json_new_object(arena));
    if (id.size > 0)
        writ_json_put_text(arena, json, "id", id);
    writ_json_put_string(arena, json, "verdict", verdict->permit ? "PERMIT" : "DENY");
    put_text_or_null(arena, json, "step", verdict->permit ? "" : denial->step);
    put_text_or_null(arena, json, "outcome",
                     verdict->permit ? "" : writ_status_code(denial->outcome));
    if (verdict->permit || denial->hop < 0)
        writ_json_put_null(arena, json, "hop");
    else
        writ_json_put_integer(arena, json, "hop", denial->hop);
    put_text_or_null(arena, json, "detail", verdict->permit ? "" : detail_of(arena, denial));
    put_not_checked(arena, json, verdict->not_checked);
    return json;
}
