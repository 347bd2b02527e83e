/* Writing the one-line notation; the grammar is in notation.h, the parser in notation_parse.c. */
#include "authority/notation.h"

#include <string.h>
#include <strings.h>

#include "authority/notation_scan.h"

/* Doubles in the arena as it fills; `failed` sticks. */
struct line {
    struct writ_arena *arena;
    char *bytes;
    size_t size, capacity;
    bool failed;
};

static void write_slice(struct line *line, struct writ_slice text)
{
    enum { FIRST_CAPACITY = 128 };
    if (!text.data)
        line->failed = true;
    if (line->failed || text.size == 0)
        return;
    if (line->capacity - line->size < text.size) {
        size_t capacity = line->capacity == 0 ? FIRST_CAPACITY : line->capacity * 2;
        if (capacity - line->size < text.size)
            capacity = line->size + text.size;
        char *bytes = writ_arena_alloc(line->arena, capacity);
        line->failed = !bytes;
        if (!bytes)
            return;
        if (line->size > 0)
            memcpy(bytes, line->bytes, line->size);
        line->bytes = bytes;
        line->capacity = capacity;
    }
    memcpy(line->bytes + line->size, text.data, text.size);
    line->size += text.size;
}

static void write_text(struct line *line, const char *terminated)
{
    write_slice(line, writ_slice_text(terminated));
}

/* Terminated, so that it can also be printed. */
static struct writ_slice line_done(struct line *line)
{
    write_slice(line, writ_slice_of("", 1));
    return line->failed ? WRIT_SLICE_NONE : writ_slice_of(line->bytes, line->size - 1);
}

static bool is_bare(struct writ_slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!writ_is_word_byte(text.data[i]))
            return false;
    return text.size > 0;
}

/* A text that reads as a number or a keyword, or that a hasty reader would take for one. */
static bool reads_as_another(struct writ_slice text)
{
    static const char *const WORDS[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (text.size == strlen(WORDS[i]) &&
            strncasecmp((const char *)text.data, WORDS[i], text.size) == 0)
            return true;
    for (size_t i = 0; i < text.size; i++)
        if (!strchr("0123456789+-.eE", text.data[i]))
            return false;
    return true;
}

static void write_json(struct line *line, const struct writ_json *value)
{
    write_slice(line, writ_json_canonical(line->arena, value));
}

static void write_name(struct line *line, struct writ_slice name)
{
    const struct writ_json text = {.type = WRIT_JSON_STRING, .text = name};
    if (is_bare(name))
        write_slice(line, name);
    else
        write_json(line, &text);
}

static void write_value(struct line *line, const struct writ_json *value)
{
    if (value->type == WRIT_JSON_STRING && is_bare(value->text) && !reads_as_another(value->text))
        write_slice(line, value->text);
    else
        write_json(line, value);
}

static void write_list(struct line *line, const char *keyword, const struct writ_json *set)
{
    write_text(line, keyword);
    write_text(line, " [");
    for (size_t i = 0; i < set->count; i++) {
        write_text(line, i > 0 ? ", " : "");
        write_value(line, &set->items[i]);
    }
    write_text(line, "]");
}

static void write_range(struct line *line, const struct writ_constraint *range)
{
    const bool both = range->min.present && range->max.present;
    if (!range->min.present && !range->max.present)
        write_text(line, "number");
    if (range->min.present) {
        write_text(line, range->min.inclusive ? ">=" : ">");
        write_text(line, both ? "" : " ");
        write_json(line, range->min.number);
    }
    write_text(line, both ? " " : "");
    if (range->max.present) {
        write_text(line, range->max.inclusive ? "<=" : "<");
        write_text(line, both ? "" : " ");
        write_json(line, range->max.number);
    }
}

static void write_constraint(struct line *line, const struct writ_constraint *constraint);

static void write_clauses(struct line *line, const char *keyword,
                          const struct writ_constraint *constraint)
{
    write_text(line, keyword);
    for (size_t i = 0; i < constraint->clause_count; i++) {
        write_text(line, i > 0 ? "; " : "");
        write_constraint(line, &constraint->clauses[i]);
    }
    write_text(line, ")");
}

static void write_constraint(struct line *line, const struct writ_constraint *constraint)
{
    switch (constraint->type) {
    case WRIT_CONSTRAINT_EXACT:
        write_text(line, "= ");
        write_value(line, constraint->value);
        break;
    case WRIT_CONSTRAINT_RANGE:
        write_range(line, constraint);
        break;
    case WRIT_CONSTRAINT_ONE_OF:
        write_list(line, "in", constraint->values);
        break;
    case WRIT_CONSTRAINT_NOT_ONE_OF:
        write_list(line, "not in", constraint->values);
        break;
    case WRIT_CONSTRAINT_CONTAINS:
        write_list(line, "contains", constraint->values);
        break;
    case WRIT_CONSTRAINT_SUBSET:
        write_list(line, "subset", constraint->values);
        break;
    case WRIT_CONSTRAINT_WILDCARD:
        write_text(line, "any");
        break;
    case WRIT_CONSTRAINT_ALL:
        write_clauses(line, "all of(", constraint);
        break;
    case WRIT_CONSTRAINT_ANY:
        write_clauses(line, "any of(", constraint);
        break;
    case WRIT_CONSTRAINT_PATH_CONTAINMENT:
        write_text(line, "under ");
        write_value(line, constraint->value);
        break;
    }
}

static void write_argument(struct line *line, const struct writ_argument *argument)
{
    write_name(line, argument->name);
    write_text(line, argument->constraint.optional ? "? " : " ");
    write_constraint(line, &argument->constraint);
}

static void write_tool(struct line *line, const struct writ_tool *tool)
{
    write_name(line, tool->name);
    if (tool->argument_count == 0)
        return;
    for (size_t i = 0; i < tool->argument_count; i++) {
        write_text(line, i > 0 ? ", " : "(");
        write_argument(line, &tool->arguments[i]);
    }
    write_text(line, tool->open ? ", *)" : ")");
}

struct writ_slice writ_name_notation(struct writ_arena *arena, struct writ_slice name)
{
    struct line line = {.arena = arena};
    write_name(&line, name);
    return line_done(&line);
}

struct writ_slice writ_value_notation(struct writ_arena *arena, const struct writ_json *value)
{
    struct line line = {.arena = arena};
    write_value(&line, value);
    return line_done(&line);
}

struct writ_slice writ_constraint_notation(struct writ_arena *arena,
                                           const struct writ_constraint *constraint)
{
    struct line line = {.arena = arena};
    write_constraint(&line, constraint);
    return line_done(&line);
}

struct writ_slice writ_argument_notation(struct writ_arena *arena,
                                         const struct writ_argument *argument)
{
    struct line line = {.arena = arena};
    write_argument(&line, argument);
    return line_done(&line);
}

struct writ_slice writ_tool_notation(struct writ_arena *arena, const struct writ_tool *tool)
{
    struct line line = {.arena = arena};
    write_tool(&line, tool);
    return line_done(&line);
}

struct writ_slice writ_authority_notation(struct writ_arena *arena,
                                          const struct writ_authority *authority)
{
    struct line line = {.arena = arena};
    for (size_t i = 0; authority && i < authority->tool_count; i++) {
        write_text(&line, i > 0 ? ", " : "");
        write_tool(&line, &authority->tools[i]);
    }
    return line_done(&line);
}
