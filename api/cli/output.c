#include "output.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

static const char *const INKS[] = {
    [INK_NONE] = "\033[0m",  [INK_BOLD] = "\033[1m",   [INK_DIM] = "\033[2m",
    [INK_RED] = "\033[31m",  [INK_GREEN] = "\033[32m", [INK_YELLOW] = "\033[33m",
    [INK_CYAN] = "\033[36m",
};

const char *ink_out(const struct cli *cli, enum ink ink)
{
    return cli->colour_out ? INKS[ink] : "";
}

const char *ink_err(const struct cli *cli, enum ink ink)
{
    return cli->colour_err ? INKS[ink] : "";
}

/* The size of a character at `at` that must not be shown as it is; 0: it may. */
static size_t unsafe_size(struct writ_slice text, size_t at)
{
    const uint8_t *bytes = text.data + at;
    const size_t left = text.size - at;
    if (bytes[0] < 0x20 || bytes[0] == 0x7f)
        return 1;
    if (left >= 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0)
        return 2; /* C1 controls */
    /* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069 */
    if (left >= 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 &&
        (bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae)))
        return 3;
    if (left >= 3 && bytes[0] == 0xe2 && bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9)
        return 3;
    return 0;
}

const char *output_safe(struct cli *cli, struct writ_slice text)
{
    static const char REPLACEMENT[] = "\xef\xbf\xbd";
    char *safe = cli_must(writ_arena_alloc(&cli->arena, text.size * 3 + 1));
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        const size_t unsafe = unsafe_size(text, i);
        if (unsafe == 0) {
            safe[size++] = (char)text.data[i++];
            continue;
        }
        memcpy(safe + size, REPLACEMENT, sizeof REPLACEMENT - 1);
        size += sizeof REPLACEMENT - 1;
        i += unsafe;
    }
    return safe;
}

const char *output_text(struct cli *cli, const struct writ_json *object, const char *name)
{
    return output_safe(cli, writ_json_text(writ_json_get(object, name)));
}

enum cli_exit output_json(struct cli *cli, const struct writ_json *value)
{
    const struct writ_slice text = writ_json_verbatim(&cli->arena, value);
    cli_must(text.data);
    fwrite(text.data, 1, text.size, stdout);
    fputc('\n', stdout);
    return CLI_DONE;
}

const char *output_time(struct cli *cli, int64_t unix_s)
{
    struct tm parts;
    const time_t seconds = (time_t)unix_s;
    char text[32];
    if (!gmtime_r(&seconds, &parts) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        return cli_must(writ_arena_printf(&cli->arena, "%lld", (long long)unix_s));
    return cli_must(writ_arena_text(&cli->arena, writ_slice_text(text)));
}

static const char *upper_case(struct cli *cli, const char *text)
{
    char *upper = cli_must(writ_arena_text(&cli->arena, writ_slice_text(text)));
    for (char *at = upper; *at; at++)
        *at = *at == '_' ? ' ' : (char)toupper((unsigned char)*at);
    return upper;
}

void table_begin(struct table *table, struct cli *cli, const char *const *titles)
{
    *table = (struct table){.cli = cli, .capacity = 64};
    while (titles[table->columns])
        table->columns++;
    table->cells = cli_must(
        writ_arena_array(&cli->arena, table->capacity * table->columns, sizeof *table->cells));
    for (size_t i = 0; i < table->columns; i++)
        table->cells[i] = upper_case(cli, titles[i]);
    table->rows = 1;
}

/* The cells of a new row. */
static const char **add_row(struct table *table)
{
    if (table->rows == table->capacity) {
        const size_t used = table->rows * table->columns;
        const char **cells = cli_must(
            writ_arena_array(&table->cli->arena, used * 2, sizeof *cells));
        memcpy(cells, table->cells, used * sizeof *cells);
        table->cells = cells;
        table->capacity *= 2;
    }
    return table->cells + table->columns * table->rows++;
}

void table_row(struct table *table, ...)
{
    const char **cells = add_row(table);
    va_list list;
    va_start(list, table);
    for (size_t i = 0; i < table->columns; i++)
        cells[i] = va_arg(list, const char *);
    va_end(list);
}

void table_cells(struct table *table, const struct writ_json *object, const char *const *names,
                 const char *(*cell)(struct cli *cli, const struct writ_json *object,
                                     const char *name))
{
    const char **cells = add_row(table);
    for (size_t i = 0; i < table->columns; i++)
        cells[i] = cell(table->cli, object, names[i]);
}

/* Characters, not bytes; wide ones count as one, which is near enough for names. */
static size_t width(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((uint8_t)*text & 0xc0) != 0x80;
    return count;
}

void table_print(const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (width(table->cells[i]) > widths[i % table->columns])
            widths[i % table->columns] = width(table->cells[i]);
    for (size_t row = 0; row < table->rows; row++) {
        fputs(row == 0 ? ink_out(table->cli, INK_DIM) : "", stdout);
        for (size_t column = 0; column < table->columns; column++) {
            const char *cell = table->cells[row * table->columns + column];
            const bool last = column + 1 == table->columns;
            printf("%s%*s", cell, last ? 0 : (int)(widths[column] - width(cell) + 2), "");
        }
        fputs(row == 0 ? ink_out(table->cli, INK_NONE) : "", stdout);
        fputc('\n', stdout);
    }
}

enum cli_exit output_list(struct cli *cli, const struct writ_json *list, const char *const *names,
                          const char *(*cell)(struct cli *cli, const struct writ_json *object,
                                              const char *name))
{
    struct table table;
    if (cli->format == CLI_JSON)
        return output_json(cli, list);
    table_begin(&table, cli, names);
    for (size_t i = 0; i < list->count; i++)
        table_cells(&table, &list->items[i], names, cell);
    table_print(&table);
    return CLI_DONE;
}
