#include "authority/notation_scan.h"

#include <string.h>

/* ---- Characters and words ------------------------------------------------------------------- */

/* The column counts characters, from 1. */
struct writ_result writ_scan_refuse(struct writ_scan *scan, size_t at, const char *reason)
{
    size_t column = 1;
    for (size_t i = 0; i < at && i < scan->text.size; i++)
        column += (scan->text.data[i] & 0xc0) != 0x80;
    writ_denial_set(scan->denial, WRIT_MALFORMED, "", "", "column %zu: %s", column, reason);
    return WRIT_FAILURE(MALFORMED);
}

static void skip_space(struct writ_scan *scan)
{
    while (scan->at < scan->text.size && scan->text.data[scan->at] != '\0' &&
           strchr(" \t\r\n", scan->text.data[scan->at]))
        scan->at++;
}

/* The next character, or '\0' at the end (which the text can not hold: the caller checked). */
char writ_scan_peek(struct writ_scan *scan)
{
    skip_space(scan);
    return scan->at < scan->text.size ? (char)scan->text.data[scan->at] : '\0';
}

bool writ_scan_take(struct writ_scan *scan, char wanted)
{
    if (writ_scan_peek(scan) != wanted)
        return false;
    scan->at++;
    return true;
}

bool writ_is_word_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_@./:+-", byte));
}

/* A run of word characters; empty where there is none. */
struct writ_slice writ_scan_word(struct writ_scan *scan)
{
    skip_space(scan);
    const size_t start = scan->at;
    while (scan->at < scan->text.size && writ_is_word_byte(scan->text.data[scan->at]))
        scan->at++;
    return writ_slice_of(scan->text.data + start, scan->at - start);
}

bool writ_scan_keyword(struct writ_scan *scan, const char *keyword)
{
    const size_t start = scan->at;
    if (writ_slice_is(writ_scan_word(scan), keyword))
        return true;
    scan->at = start;
    return false;
}

/* ---- Values --------------------------------------------------------------------------------- */

/* The end of a JSON text, array or object that starts here: strict JSON judges what is inside. */
static size_t json_end(const struct writ_scan *scan)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = scan->at; i < scan->text.size; i++) {
        const uint8_t byte = scan->text.data[i];
        if (quoted && byte == '\\')
            i++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && (byte == '[' || byte == '{'))
            depth++;
        else if (!quoted && (byte == ']' || byte == '}') && depth > 0)
            depth--;
        if (!quoted && depth == 0)
            return i + 1;
    }
    return scan->text.size;
}

static struct writ_result take_json(struct writ_scan *scan, const struct writ_json **ret_value)
{
    const size_t start = scan->at, end = json_end(scan);
    const struct writ_result result = writ_json_parse(
        scan->arena, writ_slice_of(scan->text.data + start, end - start), ret_value);
    if (result.status == WRIT_OUT_OF_MEMORY)
        return result;
    if (!writ_is_ok(result))
        return writ_scan_refuse(scan, start, "this is not strict JSON");
    scan->at = end;
    return WRIT_SUCCESS;
}

static bool is_json_word(struct writ_slice word)
{
    return word.data[0] == '-' || (word.data[0] >= '0' && word.data[0] <= '9') ||
           writ_slice_is(word, "true") || writ_slice_is(word, "false") ||
           writ_slice_is(word, "null");
}

static struct writ_result text_node(struct writ_scan *scan, struct writ_slice text,
                                    const struct writ_json **ret_value)
{
    struct writ_json *node = writ_arena_alloc(scan->arena, sizeof *node);
    WRIT_ENSURE(node, OUT_OF_MEMORY);
    node->type = WRIT_JSON_STRING;
    node->text = writ_arena_copy(scan->arena, text);
    WRIT_ENSURE(node->text.data, OUT_OF_MEMORY);
    *ret_value = node;
    return WRIT_SUCCESS;
}

struct writ_result writ_scan_scalar(struct writ_scan *scan, const struct writ_json **ret_value)
{
    if (writ_scan_peek(scan) == '"')
        return take_json(scan, ret_value);
    const size_t start = scan->at;
    const struct writ_slice word = writ_scan_word(scan);
    if (word.size == 0)
        return writ_scan_refuse(scan, start, "expected a value");
    if (is_json_word(word)) {
        const struct writ_result result = writ_json_parse(scan->arena, word, ret_value);
        if (writ_is_ok(result) || result.status == WRIT_OUT_OF_MEMORY)
            return result;
    }
    return text_node(scan, word, ret_value);
}

struct writ_result writ_scan_number(struct writ_scan *scan, const struct writ_json **ret_value)
{
    skip_space(scan);
    const size_t start = scan->at;
    const struct writ_json *value = NULL;
    WRIT_TRY(writ_scan_scalar(scan, &value));
    if (!writ_json_is(value, WRIT_JSON_NUMBER))
        return writ_scan_refuse(scan, start, "expected a number");
    *ret_value = value;
    return WRIT_SUCCESS;
}

struct writ_result writ_scan_list(struct writ_scan *scan, struct writ_json *array)
{
    if (!writ_scan_take(scan, '['))
        return writ_scan_refuse(scan, scan->at, "expected [");
    if (writ_scan_take(scan, ']'))
        return WRIT_SUCCESS;
    for (;;) {
        const struct writ_json *value = NULL;
        const char next = writ_scan_peek(scan);
        if (next == '[' || next == '{')
            WRIT_TRY(take_json(scan, &value));
        else
            WRIT_TRY(writ_scan_scalar(scan, &value));
        WRIT_ENSURE(writ_json_add(scan->arena, array, value), OUT_OF_MEMORY);
        if (writ_scan_take(scan, ']'))
            return WRIT_SUCCESS;
        if (!writ_scan_take(scan, ','))
            return writ_scan_refuse(scan, scan->at, "expected , or ]");
    }
}

struct writ_result writ_scan_name(struct writ_scan *scan, struct writ_slice *ret_name)
{
    const size_t start = scan->at;
    const struct writ_json *json = NULL;
    if (writ_scan_peek(scan) == '"')
        WRIT_TRY(take_json(scan, &json));
    else {
        const struct writ_slice word = writ_scan_word(scan);
        if (word.size == 0)
            return writ_scan_refuse(scan, start, "expected a name");
        WRIT_TRY(text_node(scan, word, &json));
    }
    *ret_name = json->text;
    return WRIT_SUCCESS;
}
