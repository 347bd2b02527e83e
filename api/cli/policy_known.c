#include "policy_known.h"

#include "api.h"

static enum cli_exit read_one(struct cli *cli, const struct credential *speaker, const char *path,
                              struct writ_slice id, const struct writ_json **ret_json)
{
    const char *name = cli_must(writ_arena_text(&cli->arena, id));
    return api_call(cli, speaker, "GET",
                    cli_must(writ_arena_printf(&cli->arena, "%s/%s", path, api_encode(cli, name))),
                    NULL, ret_json);
}

/* The last row before the call, whose own read is not in it. */
static void put_label(struct cli *cli, const struct writ_json *decision,
                      const struct writ_json *task, struct writ_json *into)
{
    const struct writ_json *label = NULL;
    const struct writ_slice id = writ_json_text(writ_json_get(decision, "id"));
    const struct writ_slice at = writ_json_text(writ_json_get(decision, "at"));
    const struct writ_json *history = writ_json_get(task, "label_history");
    for (size_t i = 0; history && i < history->count; i++) {
        const struct writ_json *row = &history->items[i];
        if (writ_slice_equal(writ_json_text(writ_json_get(row, "decision")), id) ||
            writ_slice_compare(writ_json_text(writ_json_get(row, "at")), at) > 0)
            break;
        label = writ_json_get(row, "label");
    }
    if (label)
        cli_must(writ_json_put(&cli->arena, into, "label", label));
}

/* NULL: it spent none. */
static enum cli_exit find_approval(struct cli *cli, const struct credential *speaker,
                                   const struct writ_json *decision,
                                   const struct writ_json **ret_approval)
{
    const struct writ_json *used = NULL;
    const struct writ_slice id = writ_json_text(writ_json_get(decision, "id"));
    const struct writ_slice task = writ_json_text(writ_json_get(decision, "task"));
    const char *path = cli_must(writ_arena_printf(&cli->arena, "/v1/approvals?state=used&task=%.*s",
                                                  WRIT_SLICE_ARGS(task)));
    *ret_approval = NULL;
    CLI_TRY(api_list(cli, speaker, path, "approvals", 100000, &used));
    for (size_t i = 0; i < used->count; i++) {
        const struct writ_json *approval = NULL;
        if (!writ_slice_equal(writ_json_text(writ_json_get(&used->items[i], "tool")),
                              writ_json_text(writ_json_get(decision, "tool"))))
            continue;
        CLI_TRY(read_one(cli, speaker, "/v1/approvals",
                         writ_json_text(writ_json_get(&used->items[i], "id")), &approval));
        if (writ_slice_equal(writ_json_text(writ_json_get(approval, "used_by")), id)) {
            *ret_approval = approval;
            return CLI_DONE;
        }
    }
    return CLI_DONE;
}

static enum cli_exit put_person(struct cli *cli, const struct credential *speaker,
                                struct writ_slice person, struct writ_json *approvals)
{
    const struct writ_json *approver = NULL;
    CLI_TRY(read_one(cli, speaker, "/v1/approvers", person, &approver));
    cli_must(writ_json_add_text(&cli->arena, approvals, person));
    const struct writ_json *groups = writ_json_get(approver, "groups");
    for (size_t i = 0; groups && i < groups->count; i++)
        cli_must(writ_json_add(&cli->arena, approvals, &groups->items[i]));
    return CLI_DONE;
}

enum cli_exit policy_known_put(struct cli *cli, const struct credential *speaker,
                               const struct writ_json *decision, const struct writ_json *task,
                               struct writ_json *into)
{
    const struct writ_json *approval = NULL;
    put_label(cli, decision, task, into);
    if (!writ_slice_is(writ_json_text(writ_json_get(decision, "verdict")), "permit"))
        return CLI_DONE;
    CLI_TRY(find_approval(cli, speaker, decision, &approval));
    const struct writ_json *votes = writ_json_get(approval, "votes");
    struct writ_json *approvals = cli_must(writ_json_new_array(&cli->arena));
    for (size_t i = 0; votes && i < votes->count; i++)
        if (writ_slice_is(writ_json_text(writ_json_get(&votes->items[i], "decision")), "approve"))
            CLI_TRY(put_person(cli, speaker,
                               writ_json_text(writ_json_get(&votes->items[i], "approver")),
                               approvals));
    cli_must(writ_json_put(&cli->arena, into, "approvals", approvals));
    return CLI_DONE;
}
