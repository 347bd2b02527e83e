#include "yaml_file.h"

#include <string.h>
#include <yaml.h>

#include "files.h"

struct reader {
    struct cli *cli;
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
};

static enum cli_exit refuse(struct reader *reader, const char *what)
{
    const yaml_mark_t mark = reader->event.start_mark;
    return cli_fail(reader->cli, "%s:%zu:%zu: %s", reader->path, mark.line + 1, mark.column + 1,
                    what);
}

static enum cli_exit next(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event))
        return CLI_DONE;
    const yaml_mark_t mark = reader->parser.problem_mark;
    const char *problem = reader->parser.problem;
    return cli_fail(reader->cli, "%s:%zu:%zu: %s", reader->path, mark.line + 1, mark.column + 1,
                    problem ? problem : "this is no YAML");
}

static struct writ_slice scalar_text(const struct reader *reader)
{
    return writ_slice_of(reader->event.data.scalar.value, reader->event.data.scalar.length);
}

static enum cli_exit read_scalar(struct reader *reader, struct writ_json *ret_node)
{
    struct writ_arena *arena = &reader->cli->arena;
    const bool plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const struct writ_slice text = scalar_text(reader);
    const struct writ_json *json = NULL;
    if (reader->event.data.scalar.tag || reader->event.data.scalar.anchor)
        return refuse(reader, "tags and anchors are not used here");
    if (text.size > 0 && memchr(text.data, '\0', text.size))
        return refuse(reader, "U+0000 is not used here");
    if (plain && (text.size == 0 || writ_slice_is(text, "~"))) {
        *ret_node = (struct writ_json){.type = WRIT_JSON_NULL};
        return CLI_DONE;
    }
    /* What JSON reads as null, true, false or a number; a plain scalar is never quoted. */
    if (plain && writ_is_ok(writ_json_parse(arena, text, &json)) && json->type != WRIT_JSON_ARRAY &&
        json->type != WRIT_JSON_OBJECT) {
        *ret_node = *json;
        return CLI_DONE;
    }
    *ret_node = (struct writ_json){.type = WRIT_JSON_STRING, .text = writ_arena_copy(arena, text)};
    cli_must(ret_node->text.data);
    return CLI_DONE;
}

static enum cli_exit read_node(struct reader *reader, int depth, struct writ_json *ret_node);

static enum cli_exit read_sequence(struct reader *reader, int depth, struct writ_json *ret_node)
{
    *ret_node = (struct writ_json){.type = WRIT_JSON_ARRAY};
    CLI_TRY(next(reader));
    while (reader->event.type != YAML_SEQUENCE_END_EVENT) {
        struct writ_json element;
        CLI_TRY(read_node(reader, depth + 1, &element));
        cli_must(writ_json_add(&reader->cli->arena, ret_node, &element));
        CLI_TRY(next(reader));
    }
    return CLI_DONE;
}

static enum cli_exit read_mapping(struct reader *reader, int depth, struct writ_json *ret_node)
{
    struct writ_arena *arena = &reader->cli->arena;
    *ret_node = (struct writ_json){.type = WRIT_JSON_OBJECT};
    CLI_TRY(next(reader));
    while (reader->event.type != YAML_MAPPING_END_EVENT) {
        struct writ_json value;
        if (reader->event.type != YAML_SCALAR_EVENT)
            return refuse(reader, "a name must be a text");
        const struct writ_slice name = writ_arena_copy(arena, scalar_text(reader));
        cli_must(name.data);
        if (writ_json_get_slice(ret_node, name))
            return refuse(reader, "this name is there already");
        CLI_TRY(next(reader));
        CLI_TRY(read_node(reader, depth + 1, &value));
        cli_must(writ_json_put_named(arena, ret_node, name, &value));
        CLI_TRY(next(reader));
    }
    return CLI_DONE;
}

static enum cli_exit read_node(struct reader *reader, int depth, struct writ_json *ret_node)
{
    if (depth > WRIT_JSON_DEPTH)
        return refuse(reader, "nested too deep");
    switch (reader->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, ret_node);
    case YAML_SEQUENCE_START_EVENT:
        if (reader->event.data.sequence_start.tag || reader->event.data.sequence_start.anchor)
            return refuse(reader, "tags and anchors are not used here");
        return read_sequence(reader, depth, ret_node);
    case YAML_MAPPING_START_EVENT:
        if (reader->event.data.mapping_start.tag || reader->event.data.mapping_start.anchor)
            return refuse(reader, "tags and anchors are not used here");
        return read_mapping(reader, depth, ret_node);
    default:
        return refuse(reader, "aliases are not used here");
    }
}

static enum cli_exit read_document(struct reader *reader, struct writ_json *ret_json)
{
    CLI_TRY(next(reader)); /* the stream begins */
    CLI_TRY(next(reader));
    if (reader->event.type != YAML_DOCUMENT_START_EVENT)
        return refuse(reader, "there is nothing in it");
    CLI_TRY(next(reader));
    CLI_TRY(read_node(reader, 1, ret_json));
    CLI_TRY(next(reader)); /* the document ends */
    CLI_TRY(next(reader));
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return refuse(reader, "a second document");
    return CLI_DONE;
}

enum cli_exit yaml_read(struct cli *cli, const char *path, const struct writ_json **ret_json)
{
    struct reader reader = {.cli = cli, .path = path};
    struct writ_slice text;
    struct writ_json *json = cli_must(writ_arena_alloc(&cli->arena, sizeof *json));
    CLI_TRY(files_read(cli, path, &text));
    if (!yaml_parser_initialize(&reader.parser))
        return cli_fail(cli, "out of memory");
    yaml_parser_set_input_string(&reader.parser, text.data, text.size);
    const enum cli_exit done = read_document(&reader, json);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    *ret_json = json;
    return done;
}
