#include "verdict.h"

#include <string.h>

#include "output.h"
#include "token/received.h"

/* "trust_anchors[0]: ..." */
static enum cli_exit refuse(struct cli *cli, const struct writ_denial *denial)
{
    return cli_fail(cli, "%s: %s", denial->field, denial->detail);
}

enum cli_exit verdict_read_anchors(struct cli *cli, const struct writ_json *json,
                                   struct writ_verifier *verifier)
{
    struct writ_denial denial;
    const struct writ_result read = writ_anchors_read(&cli->arena, json, verifier, &denial);
    return writ_is_ok(read) ? CLI_DONE : refuse(cli, &denial);
}

enum cli_exit verdict_read_presentation(struct cli *cli, const struct writ_json *json,
                                        struct writ_presentation *ret_presentation)
{
    struct writ_denial denial;
    const struct writ_result read = writ_presentation_read(&cli->arena, json, ret_presentation,
                                                           &denial);
    return writ_is_ok(read) ? CLI_DONE : refuse(cli, &denial);
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
