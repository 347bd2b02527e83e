/*
 * Reading the one-line notation of notation.h. Each constraint becomes the JSON that it stands for
 * and goes through the same rules as a token's: the notation has no way to say more.
 */
#include "authority/notation.h"

#include <stdlib.h>
#include <string.h>

#include "authority/notation_scan.h"

/* ---- Constraints ---------------------------------------------------------------------------- */

static struct writ_result parse_constraint(struct writ_scan *scan, int depth_left,
                                           struct writ_json *ret_object);

static struct writ_result put_type(struct writ_scan *scan, struct writ_json *object,
                                   enum writ_constraint_type type)
{
    WRIT_ENSURE(writ_json_put_string(scan->arena, object, "constraint_type",
                                     writ_constraint_type_name(type)),
                OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result parse_value(struct writ_scan *scan, struct writ_json *object,
                                      enum writ_constraint_type type, const char *member)
{
    const struct writ_json *value = NULL;
    WRIT_TRY(put_type(scan, object, type));
    WRIT_TRY(writ_scan_scalar(scan, &value));
    WRIT_ENSURE(writ_json_put(scan->arena, object, member, value), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result parse_set(struct writ_scan *scan, struct writ_json *object,
                                    enum writ_constraint_type type, const char *member)
{
    WRIT_TRY(put_type(scan, object, type));
    struct writ_json *array = writ_json_new_array(scan->arena);
    WRIT_ENSURE(array, OUT_OF_MEMORY);
    WRIT_TRY(writ_scan_list(scan, array));
    WRIT_ENSURE(writ_json_put(scan->arena, object, member, array), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result parse_bound(struct writ_scan *scan, struct writ_json *object)
{
    const size_t start = scan->at;
    const bool upper = scan->text.data[scan->at++] == '<';
    const bool inclusive = scan->at < scan->text.size && scan->text.data[scan->at] == '=';
    scan->at += inclusive;
    const char *name = upper ? "max" : "min";
    if (writ_json_get(object, name))
        return writ_scan_refuse(scan, start, "the range has this bound already");
    const struct writ_json *number = NULL;
    WRIT_TRY(writ_scan_number(scan, &number));
    WRIT_ENSURE(writ_json_put(scan->arena, object, name, number), OUT_OF_MEMORY);
    if (!inclusive)
        WRIT_ENSURE(writ_json_put_boolean(scan->arena, object,
                                          upper ? "max_inclusive" : "min_inclusive", false),
                    OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result parse_range(struct writ_scan *scan, struct writ_json *object)
{
    WRIT_TRY(put_type(scan, object, WRIT_CONSTRAINT_RANGE));
    while (writ_scan_peek(scan) == '<' || writ_scan_peek(scan) == '>')
        WRIT_TRY(parse_bound(scan, object));
    return WRIT_SUCCESS;
}

/* Behind "all of" and "any of". */
static struct writ_result parse_clauses(struct writ_scan *scan, struct writ_json *object,
                                        enum writ_constraint_type type, int depth_left)
{
    WRIT_TRY(put_type(scan, object, type));
    struct writ_json *array = writ_json_new_array(scan->arena);
    WRIT_ENSURE(array, OUT_OF_MEMORY);
    if (!writ_scan_take(scan, '('))
        return writ_scan_refuse(scan, scan->at, "expected (");
    do {
        struct writ_json *clause = writ_json_new_object(scan->arena);
        WRIT_ENSURE(clause, OUT_OF_MEMORY);
        WRIT_TRY(parse_constraint(scan, depth_left - 1, clause));
        WRIT_ENSURE(writ_json_add(scan->arena, array, clause), OUT_OF_MEMORY);
    } while (writ_scan_take(scan, ';'));
    if (!writ_scan_take(scan, ')'))
        return writ_scan_refuse(scan, scan->at, "expected ; or )");
    WRIT_ENSURE(writ_json_put(scan->arena, object, "constraints", array), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result parse_worded(struct writ_scan *scan, int depth_left,
                                       struct writ_json *object)
{
    const size_t start = scan->at;
    const struct writ_slice word = writ_scan_word(scan);
    if (writ_slice_is(word, "in"))
        return parse_set(scan, object, WRIT_CONSTRAINT_ONE_OF, "values");
    if (writ_slice_is(word, "not") && writ_scan_keyword(scan, "in"))
        return parse_set(scan, object, WRIT_CONSTRAINT_NOT_ONE_OF, "excluded");
    if (writ_slice_is(word, "contains"))
        return parse_set(scan, object, WRIT_CONSTRAINT_CONTAINS, "required");
    if (writ_slice_is(word, "subset"))
        return parse_set(scan, object, WRIT_CONSTRAINT_SUBSET, "allowed");
    if (writ_slice_is(word, "under"))
        return parse_value(scan, object, WRIT_CONSTRAINT_PATH_CONTAINMENT, "root");
    if (writ_slice_is(word, "number"))
        return put_type(scan, object, WRIT_CONSTRAINT_RANGE);
    if (writ_slice_is(word, "all") && writ_scan_keyword(scan, "of"))
        return parse_clauses(scan, object, WRIT_CONSTRAINT_ALL, depth_left);
    if (writ_slice_is(word, "any") && writ_scan_keyword(scan, "of"))
        return parse_clauses(scan, object, WRIT_CONSTRAINT_ANY, depth_left);
    if (writ_slice_is(word, "any"))
        return put_type(scan, object, WRIT_CONSTRAINT_WILDCARD);
    return writ_scan_refuse(
        scan, start,
        "expected =, in, not in, subset, contains, <, <=, >, >=, number, any, under, "
        "all of( or any of(");
}

static struct writ_result parse_constraint(struct writ_scan *scan, int depth_left,
                                           struct writ_json *ret_object)
{
    const char next = writ_scan_peek(scan);
    if (depth_left <= 0)
        return writ_scan_refuse(scan, scan->at, "constraints are nested too deep");
    if (writ_scan_take(scan, '='))
        return parse_value(scan, ret_object, WRIT_CONSTRAINT_EXACT, "value");
    if (next == '<' || next == '>')
        return parse_range(scan, ret_object);
    return parse_worded(scan, depth_left, ret_object);
}

/* ---- Arguments and tools: lists of things with names ---------------------------------------- */

struct entry {
    struct writ_slice name;
    size_t at;
    union {
        struct writ_constraint constraint;
        struct writ_tool tool;
    };
};

struct list {
    struct entry *entries;
    size_t count, capacity;
};

static struct writ_result append(struct writ_scan *scan, struct list *list,
                                 const struct entry *entry)
{
    enum { FIRST_CAPACITY = 8 };
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? FIRST_CAPACITY : list->capacity * 2;
        struct entry *entries = writ_arena_array(scan->arena, capacity, sizeof *entries);
        WRIT_ENSURE(entries, OUT_OF_MEMORY);
        if (list->count > 0)
            memcpy(entries, list->entries, list->count * sizeof *entries);
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->count++] = *entry;
    return WRIT_SUCCESS;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    const int order = writ_slice_compare(left->name, right->name);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

static struct writ_result sort_distinct(struct writ_scan *scan, struct list *list)
{
    if (list->count > 0)
        qsort(list->entries, list->count, sizeof *list->entries, compare_entries);
    for (size_t i = 1; i < list->count; i++)
        if (writ_slice_equal(list->entries[i - 1].name, list->entries[i].name))
            return writ_scan_refuse(scan, list->entries[i].at, "this name stands twice");
    return WRIT_SUCCESS;
}

/* Blanks before it are taken already. */
static struct writ_result parse_argument(struct writ_scan *scan, struct entry *entry)
{
    entry->at = scan->at;
    WRIT_TRY(writ_scan_name(scan, &entry->name));
    if (writ_slice_is(entry->name, "*"))
        return writ_scan_refuse(scan, entry->at,
                                "\"*\" in quotes would not be the name of an argument");
    const bool optional = writ_scan_take(scan, '?');
    const char next = writ_scan_peek(scan);
    const size_t start = scan->at;
    struct writ_json *object = writ_json_new_object(scan->arena);
    WRIT_ENSURE(object, OUT_OF_MEMORY);
    if (next == '\0' || next == ',' || next == ')')
        return writ_scan_refuse(scan, start, "expected a constraint, such as any");
    WRIT_TRY(parse_constraint(scan, WRIT_CONSTRAINT_DEPTH_MAX, object));
    const char *reason = "";
    const struct writ_result result = writ_constraint_read(
        scan->arena, object, WRIT_PROFILE_AAT_02_WRIT, WRIT_CONSTRAINT_DEPTH_MAX, true,
        &entry->constraint, &reason);
    if (!writ_is_ok(result) && result.status != WRIT_OUT_OF_MEMORY)
        return writ_scan_refuse(scan, start, reason);
    entry->constraint.optional = optional;
    return result;
}

/* From behind "(" to behind ")". */
static struct writ_result parse_arguments(struct writ_scan *scan, struct list *list, bool *open)
{
    do {
        struct entry entry = {0};
        const char next = writ_scan_peek(scan);
        if (next == '*' && *open)
            return writ_scan_refuse(scan, scan->at, "* stands twice");
        if (writ_scan_take(scan, '*')) {
            *open = true;
            continue;
        }
        WRIT_TRY(parse_argument(scan, &entry));
        WRIT_TRY(append(scan, list, &entry));
    } while (writ_scan_take(scan, ','));
    if (!writ_scan_take(scan, ')'))
        return writ_scan_refuse(scan, scan->at, "expected , or )");
    return sort_distinct(scan, list);
}

static struct writ_result parse_tool(struct writ_scan *scan, struct entry *entry)
{
    writ_scan_peek(scan);
    entry->at = scan->at;
    WRIT_TRY(writ_scan_name(scan, &entry->name));
    entry->tool = (struct writ_tool){.name = entry->name, .open = true};
    if (!writ_scan_take(scan, '('))
        return WRIT_SUCCESS;
    if (writ_scan_peek(scan) == ')')
        return writ_scan_refuse(
            scan, scan->at,
            "AAT can not say \"no arguments\": an empty list would allow any; for any, "
            "leave the list out");
    struct list list = {0};
    entry->tool.open = false;
    WRIT_TRY(parse_arguments(scan, &list, &entry->tool.open));
    struct writ_argument *arguments = writ_arena_array(scan->arena, list.count, sizeof *arguments);
    WRIT_ENSURE(arguments, OUT_OF_MEMORY);
    for (size_t i = 0; i < list.count; i++)
        arguments[i] = (struct writ_argument){list.entries[i].name, list.entries[i].constraint};
    entry->tool.arguments = arguments;
    entry->tool.argument_count = list.count;
    return WRIT_SUCCESS;
}

static struct writ_result parse_tools(struct writ_scan *scan, struct list *list)
{
    if (writ_scan_peek(scan) == '\0')
        return WRIT_SUCCESS;
    do {
        struct entry entry = {0};
        WRIT_TRY(parse_tool(scan, &entry));
        WRIT_TRY(append(scan, list, &entry));
    } while (writ_scan_take(scan, ','));
    if (scan->at < scan->text.size)
        return writ_scan_refuse(scan, scan->at, "expected , or the end");
    return sort_distinct(scan, list);
}

struct writ_result writ_authority_from_notation(struct writ_arena *arena,
                                                struct writ_slice notation,
                                                const struct writ_authority **ret_authority,
                                                struct writ_denial *ret_denial)
{
    struct writ_scan scan = {.arena = arena, .text = notation, .denial = ret_denial};
    if (notation.size > 0 && memchr(notation.data, '\0', notation.size))
        return writ_scan_refuse(&scan, 0, "the text holds a NUL");
    struct list list = {0};
    WRIT_TRY(parse_tools(&scan, &list));
    struct writ_authority *authority = writ_arena_alloc(arena, sizeof *authority);
    struct writ_tool *tools = writ_arena_array(arena, list.count, sizeof *tools);
    WRIT_ENSURE(authority && tools, OUT_OF_MEMORY);
    for (size_t i = 0; i < list.count; i++)
        tools[i] = list.entries[i].tool;
    authority->profile = WRIT_PROFILE_AAT_02_WRIT;
    authority->tools = tools;
    authority->tool_count = list.count;
    *ret_authority = authority;
    return WRIT_SUCCESS;
}
