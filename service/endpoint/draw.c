#include "endpoint/draw.h"

#include "authority/notation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TOOLS_SHOWN = 12, SHOWN_MAX = 160 };

#define MEMBER(json, name) writ_json_text(writ_json_get((json), (name)))

/* ---- Text --------------------------------------------------------------------------------- */

struct text {
    struct writ_arena *arena;
    char *bytes;
    size_t size;
    size_t capacity;
    bool failed;
};

static void append(struct text *text, const void *bytes, size_t size)
{
    if (text->failed)
        return;
    if (text->capacity - text->size < size) {
        const size_t capacity = (text->size + size) * 2 + 1024;
        char *grown = writ_arena_alloc(text->arena, capacity);
        if (!grown) {
            text->failed = true;
            return;
        }
        if (text->size > 0)
            memcpy(grown, text->bytes, text->size);
        text->bytes = grown;
        text->capacity = capacity;
    }
    if (size > 0)
        memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

static void put(struct text *text, const char *literal)
{
    append(text, literal, strlen(literal));
}

/* Short texts of ours. */
static void __attribute__((format(printf, 2, 3)))
put_format(struct text *text, const char *format, ...)
{
    char line[128];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    put(text, line);
}

static struct writ_slice finish(const struct text *text)
{
    return text->failed ? WRIT_SLICE_NONE : writ_slice_of(text->bytes, text->size);
}

typedef void escape(struct text *text, uint8_t byte);

/* A quote would end the label; a backslash and an ampersand begin what Graphviz replaces. */
static void escape_dot(struct text *text, uint8_t byte)
{
    if (byte == '"')
        put(text, "\\\"");
    else if (byte == '\\')
        put(text, "\\\\");
    else if (byte == '&')
        put(text, "&amp;");
    else if (byte < 0x20 || byte == 0x7f)
        put(text, " ");
    else
        append(text, &byte, 1);
}

/* Mermaid knows HTML, Markdown, entities and, anywhere, %%{directives}: only what is harmless
 * stands for itself. */
static void escape_mermaid(struct text *text, uint8_t byte)
{
    static const char HARMLESS[] = " .,:/@()[]=+-_?";
    const bool is_word = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                         (byte >= 'a' && byte <= 'z') || byte >= 0x80;
    if (is_word || (byte != 0 && strchr(HARMLESS, byte)))
        append(text, &byte, 1);
    else if (byte < 0x20 || byte == 0x7f)
        put(text, " ");
    else
        put_format(text, "#%u;", byte);
}

/* Cut where a line would grow too long, never within a character. */
static void put_escaped(struct text *text, struct writ_slice line, escape *escape_byte)
{
    size_t size = line.size;
    if (size > SHOWN_MAX) {
        size = SHOWN_MAX;
        while (size > 0 && (line.data[size] & 0xc0) == 0x80)
            size--;
    }
    for (size_t i = 0; i < size; i++)
        escape_byte(text, line.data[i]);
    if (size < line.size)
        put(text, "…");
}

/* ---- Labels ------------------------------------------------------------------------------- */

/* One line a tool; `end` stands behind each. */
static void put_tools(struct text *text, const struct writ_json *node, escape *escape_byte,
                      const char *end)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial = {.hop = -1};
    bool shape = false;
    const struct writ_json *tools = writ_json_get(node, "authority");
    if (!tools || tools->count == 0 ||
        !writ_is_ok(writ_authority_read(text->arena, tools, WRIT_PROFILE_AAT_02_WRIT,
                                        WRIT_CONSTRAINT_DEPTH_MAX, &authority, &shape, &denial)))
        return;
    for (size_t i = 0; i < authority->tool_count && i < TOOLS_SHOWN; i++) {
        put_escaped(text, writ_tool_notation(text->arena, &authority->tools[i]), escape_byte);
        put(text, end);
    }
    if (authority->tool_count > TOOLS_SHOWN)
        put_format(text, "and %zu more%s", authority->tool_count - TOOLS_SHOWN, end);
}

/* States, and how each is drawn. */
static const struct {
    const char *state;
    const char *fill;
    const char *stroke;
} STYLES[] = {
    {"live", "#e6f4ea", "#188038"},        {"revoked", "#fce8e6", "#c5221f"},
    {"key_revoked", "#fce8e6", "#c5221f"}, {"dead", "#fad2cf", "#a50e0e"},
    {"completed", "#e8f0fe", "#1967d2"},   {"task_closed", "#f1f3f4", "#5f6368"},
    {"expired", "#f1f3f4", "#5f6368"},     {"lapsed", "#fef7e0", "#b06000"},
};
enum { STYLE_COUNT = sizeof STYLES / sizeof STYLES[0] };

static size_t style_of(const struct writ_json *node)
{
    size_t at = 0;
    while (at + 1 < STYLE_COUNT && !writ_slice_is(MEMBER(node, "state"), STYLES[at].state))
        at++;
    return at;
}

/* Only delegations that are drawn have a line from their parent. */
static size_t index_of(const struct writ_json *nodes, size_t before, struct writ_slice id)
{
    size_t at = 0;
    while (at < before && !writ_slice_equal(MEMBER(&nodes->items[at], "id"), id))
        at++;
    return at;
}

/* ---- Drawings ----------------------------------------------------------------------------- */

struct writ_slice draw_dot(struct writ_arena *arena, const struct writ_json *task,
                           const struct writ_json *nodes)
{
    struct text text = {.arena = arena};
    put(&text, "digraph writ {\n    label=\"");
    put_escaped(&text, MEMBER(task, "purpose"), escape_dot);
    put(&text, "\";\n    labelloc=t;\n    fontname=\"sans-serif\";\n"
               "    node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n");
    for (size_t i = 0; i < nodes->count; i++) {
        const struct writ_json *node = &nodes->items[i];
        const size_t style = style_of(node);
        put(&text, "    \"");
        put_escaped(&text, MEMBER(node, "id"), escape_dot);
        put(&text, "\" [label=\"");
        put_escaped(&text, MEMBER(node, "agent"), escape_dot);
        put_format(&text, " (%s)\\l", STYLES[style].state);
        put_tools(&text, node, escape_dot, "\\l");
        put_format(&text, "\", class=\"%s\", fillcolor=\"%s\", color=\"%s\"];\n",
                   STYLES[style].state, STYLES[style].fill, STYLES[style].stroke);
    }
    for (size_t i = 0; i < nodes->count; i++) {
        const struct writ_slice parent = MEMBER(&nodes->items[i], "parent");
        if (!parent.data || index_of(nodes, i, parent) == i)
            continue;
        put(&text, "    \"");
        put_escaped(&text, parent, escape_dot);
        put(&text, "\" -> \"");
        put_escaped(&text, MEMBER(&nodes->items[i], "id"), escape_dot);
        put(&text, "\";\n");
    }
    put(&text, "}\n");
    return finish(&text);
}

struct writ_slice draw_mermaid(struct writ_arena *arena, const struct writ_json *nodes)
{
    struct text text = {.arena = arena};
    put(&text, "flowchart TD\n");
    for (size_t i = 0; i < nodes->count; i++) {
        const struct writ_json *node = &nodes->items[i];
        const size_t style = style_of(node);
        put_format(&text, "    n%zu[\"", i);
        put_escaped(&text, MEMBER(node, "agent"), escape_mermaid);
        put_format(&text, " (%s)<br/>", STYLES[style].state);
        put_tools(&text, node, escape_mermaid, "<br/>");
        put_format(&text, "\"]:::%s\n", STYLES[style].state);
    }
    for (size_t i = 0; i < nodes->count; i++) {
        const struct writ_slice id = MEMBER(&nodes->items[i], "parent");
        const size_t parent = id.data ? index_of(nodes, i, id) : i;
        if (parent < i)
            put_format(&text, "    n%zu --> n%zu\n", parent, i);
    }
    for (size_t i = 0; i < STYLE_COUNT; i++)
        put_format(&text, "    classDef %s fill:%s,stroke:%s\n", STYLES[i].state, STYLES[i].fill,
                   STYLES[i].stroke);
    return finish(&text);
}
