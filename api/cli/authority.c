#include "authority.h"

#include "files.h"
#include "output.h"

static enum cli_exit refused(struct cli *cli, struct writ_result result,
                             const struct writ_denial *denial)
{
    const char *detail = output_safe(cli, writ_slice_text(denial->detail));
    const char *field = output_safe(cli, writ_slice_text(denial->field));
    return cli_fail(cli, "this authority cannot be used: %s%s%s%s%s",
                    writ_status_code(result.status), *field ? " at " : "", field,
                    *detail ? ": " : "", detail);
}

static enum cli_exit from_tools(struct cli *cli, struct writ_slice tools,
                                const struct writ_authority **ret_authority)
{
    struct writ_denial denial = {.outcome = WRIT_OK};
    const struct writ_result read = writ_authority_parse(
        &cli->arena, tools, WRIT_PROFILE_AAT_02_WRIT, ret_authority, &denial);
    return writ_is_ok(read) ? CLI_DONE : refused(cli, read, &denial);
}

enum cli_exit authority_from_text(struct cli *cli, const char *text,
                                  const struct writ_authority **ret_authority)
{
    struct writ_slice given;
    struct writ_denial denial = {.outcome = WRIT_OK};
    CLI_TRY(files_read_text(cli, text, &given));
    if (given.size > 0 && given.data[0] == '{')
        return from_tools(cli, given, ret_authority);
    const struct writ_result read = writ_authority_from_notation(&cli->arena, given, ret_authority,
                                                                 &denial);
    return writ_is_ok(read) ? CLI_DONE : refused(cli, read, &denial);
}

enum cli_exit authority_from_json(struct cli *cli, const struct writ_json *tools,
                                  const struct writ_authority **ret_authority)
{
    return from_tools(cli, writ_json_verbatim(&cli->arena, tools), ret_authority);
}
