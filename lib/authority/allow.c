/* Step 6b: does an authority allow this call? Arguments are closed-world. */
#include "authority/internal.h"

/* ---- Names that differ only in case ---------------------------------------------------------
 *
 * A tool that ignores case may take "Path" for "path", so where "path" is constrained, "Path" must
 * not slip in under "*". Case folding here needs no tables of Unicode and no locale, and errs on
 * the side of refusal: ASCII letters fold; so do the twenty characters that become ASCII letters
 * in upper or lower case; and no other character beyond ASCII counts at all, since one of those
 * may become two or three.
 */
struct folding {
    struct writ_slice name;
    size_t at;
    const char *pending; /* letters of the last character that are still to come */
};

static const char *letters_of(struct writ_slice rest)
{
    static const struct {
        const char *utf8;
        const char *letters;
    } LIKE_ASCII[] = {
        {"\xc3\x9f", "ss"},     /* U+00DF, sharp s */
        {"\xc4\xb0", "i"},      /* U+0130, dotted capital I */
        {"\xc4\xb1", "i"},      /* U+0131, dotless i */
        {"\xc5\x89", "n"},      /* U+0149, n after an apostrophe */
        {"\xc5\xbf", "s"},      /* U+017F, long s */
        {"\xc7\xb0", "j"},      /* U+01F0, j with caron */
        {"\xe1\xba\x96", "h"},  /* U+1E96, h with line below */
        {"\xe1\xba\x97", "t"},  /* U+1E97, t with diaeresis */
        {"\xe1\xba\x98", "w"},  /* U+1E98, w with ring */
        {"\xe1\xba\x99", "y"},  /* U+1E99, y with ring */
        {"\xe1\xba\x9a", "a"},  /* U+1E9A, a with half ring */
        {"\xe1\xba\x9e", "ss"}, /* U+1E9E, capital sharp s */
        {"\xe2\x84\xaa", "k"},  /* U+212A, Kelvin sign */
        {"\xef\xac\x80", "ff"}, /* U+FB00 to U+FB06, ligatures */
        {"\xef\xac\x81", "fi"},  {"\xef\xac\x82", "fl"}, {"\xef\xac\x83", "ffi"},
        {"\xef\xac\x84", "ffl"}, {"\xef\xac\x85", "st"}, {"\xef\xac\x86", "st"},
    };
    for (size_t i = 0; i < sizeof LIKE_ASCII / sizeof LIKE_ASCII[0]; i++)
        if (writ_slice_starts(rest, writ_slice_text(LIKE_ASCII[i].utf8)))
            return LIKE_ASCII[i].letters;
    return "";
}

/* The next letter of the folded name; -1 at its end. */
static int next_folded(struct folding *folding)
{
    const struct writ_slice name = folding->name;
    while (*folding->pending == '\0' && folding->at < name.size) {
        const size_t at = folding->at++;
        const uint8_t byte = name.data[at];
        if (byte < 0x80)
            return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
        while (folding->at < name.size && (name.data[folding->at] & 0xc0) == 0x80)
            folding->at++;
        folding->pending = letters_of(writ_slice_of(name.data + at, name.size - at));
    }
    return *folding->pending ? *folding->pending++ : -1;
}

static bool equal_but_for_case(struct writ_slice a, struct writ_slice b)
{
    struct folding left = {.name = a, .pending = ""}, right = {.name = b, .pending = ""};
    for (;;) {
        const int letter = next_folded(&left);
        if (letter != next_folded(&right))
            return false;
        if (letter < 0)
            return true;
    }
}

bool writ_tool_shadows(struct writ_work *work, const struct writ_tool *tool, struct writ_slice name)
{
    if (!writ_work_spend(work, tool->argument_count))
        return true;
    for (size_t i = 0; i < tool->argument_count; i++)
        if (equal_but_for_case(tool->arguments[i].name, name))
            return true;
    return false;
}

/* ---- The call ------------------------------------------------------------------------------- */

struct call {
    const struct writ_tool *tool;
    enum writ_profile profile;
    struct writ_work work;
    struct writ_denial *denial;
};

#define REFUSE(call, outcome, argument, ...)                                                       \
    do {                                                                                           \
        char refuse_field[WRIT_FIELD_SIZE];                                                        \
        writ_denial_set((call)->denial, WRIT_##outcome, "6b",                                      \
                        writ_field_of((call)->tool->name, argument, refuse_field), __VA_ARGS__);   \
        return WRIT_FAILURE(outcome);                                                              \
    } while (0)

/* There is no arena here; a refusal borrows a small one, and is plainer where memory is short. */
static struct writ_result refuse_value(struct call *call, const struct writ_argument *argument,
                                       const struct writ_json *value)
{
    enum { VALUE_MAX = 120, SCRATCH_MAX = 1 << 20 };
    struct writ_arena scratch;
    writ_arena_init(&scratch, SCRATCH_MAX);
    const struct writ_slice name = writ_name_notation(&scratch, argument->name);
    const struct writ_slice granted = writ_constraint_notation(&scratch, &argument->constraint);
    struct writ_slice given = WRIT_SLICE_NONE;
    if (value->type < WRIT_JSON_ARRAY)
        given = writ_value_notation(&scratch, value);
    char field[WRIT_FIELD_SIZE];
    writ_field_of(call->tool->name, argument->name, field);
    if (call->work.left == 0)
        writ_denial_set(call->denial, WRIT_ARGUMENT_NOT_GRANTED, "6b", field,
                        "checking the argument takes too many steps");
    else if (name.data && granted.data && given.data && given.size <= VALUE_MAX)
        writ_denial_set(call->denial, WRIT_ARGUMENT_NOT_GRANTED, "6b", field,
                        "call has %s = %s; granted is %s %s", (const char *)name.data,
                        (const char *)given.data, (const char *)name.data,
                        (const char *)granted.data);
    else if (name.data && granted.data)
        writ_denial_set(call->denial, WRIT_ARGUMENT_NOT_GRANTED, "6b", field, "granted is %s %s",
                        (const char *)name.data, (const char *)granted.data);
    else
        writ_denial_set(call->denial, WRIT_ARGUMENT_NOT_GRANTED, "6b", field,
                        "the value is outside of what was granted");
    writ_arena_done(&scratch);
    return WRIT_FAILURE(ARGUMENT_NOT_GRANTED);
}

static struct writ_result check_unnamed(struct call *call, struct writ_slice name)
{
    if (!call->tool->open)
        REFUSE(call, ARGUMENT_NOT_GRANTED, name, "the argument is not named in the grant");
    if (call->profile == WRIT_PROFILE_AAT_02_WRIT &&
        writ_tool_shadows(&call->work, call->tool, name))
        REFUSE(call, ARGUMENT_NOT_GRANTED, name,
               "the argument differs only in case from one that is named in the grant");
    return WRIT_SUCCESS;
}

static struct writ_result require_present(struct call *call, const struct writ_json *args,
                                          size_t required_seen)
{
    const struct writ_tool *tool = call->tool;
    size_t required = 0;
    for (size_t i = 0; i < tool->argument_count; i++)
        required += !tool->arguments[i].constraint.optional;
    if (required == required_seen) /* names in args are distinct */
        return WRIT_SUCCESS;
    for (size_t i = 0; i < tool->argument_count; i++)
        if (!tool->arguments[i].constraint.optional &&
            !writ_json_get_slice(args, tool->arguments[i].name))
            REFUSE(call, ARGUMENT_NOT_GRANTED, tool->arguments[i].name,
                   "a required argument is missing");
    REFUSE(call, ARGUMENT_NOT_GRANTED, WRIT_SLICE_NONE, "a required argument is missing");
}

static struct writ_result check_call(struct call *call, const struct writ_json *args)
{
    if (!writ_json_is(args, WRIT_JSON_OBJECT))
        REFUSE(call, MALFORMED, WRIT_SLICE_NONE, "the arguments are not an object");
    for (size_t i = 0; i < args->count; i++)
        if (!writ_json_all_admissible(&args->items[i]))
            REFUSE(call, NON_CANONICAL, args->names[i],
                   "a number in the argument does not survive RFC 8785");
    size_t required_seen = 0;
    for (size_t i = 0; i < args->count; i++) {
        const struct writ_argument *argument = writ_tool_argument(call->tool, args->names[i]);
        if (!argument) {
            WRIT_TRY(check_unnamed(call, args->names[i]));
            continue;
        }
        if (!writ_constraint_passes(&call->work, &argument->constraint, &args->items[i]))
            return refuse_value(call, argument, &args->items[i]);
        required_seen += !argument->constraint.optional;
    }
    return require_present(call, args, required_seen);
}

struct writ_result writ_authority_allows(const struct writ_authority *authority,
                                         enum writ_profile profile, struct writ_slice tool,
                                         const struct writ_json *args,
                                         struct writ_denial *ret_denial)
{
    struct call call = {
        .tool = writ_authority_tool(authority, tool),
        .profile = profile,
        .work = WRIT_WORK_FULL,
        .denial = ret_denial,
    };
    if (!call.tool) {
        char field[WRIT_FIELD_SIZE];
        writ_denial_set(ret_denial, WRIT_SCOPE_NOT_GRANTED, "6b",
                        writ_field_of(tool, WRIT_SLICE_NONE, field), "the tool was not granted");
        return WRIT_FAILURE(SCOPE_NOT_GRANTED);
    }
    return check_call(&call, args);
}

struct writ_result writ_authority_check(struct writ_arena *arena,
                                        const struct writ_authority *authority,
                                        enum writ_profile profile, struct writ_slice tool,
                                        struct writ_slice args, struct writ_denial *ret_denial)
{
    const struct writ_json *json = NULL;
    const struct writ_result parsed = writ_json_parse(arena, args, &json);
    if (!writ_is_ok(parsed)) {
        writ_denial_set(ret_denial, parsed.status, "6b", "", "the arguments are not strict JSON");
        return parsed;
    }
    return writ_authority_allows(authority, profile, tool, json, ret_denial);
}
