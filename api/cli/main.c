#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "http.h"
#include "usage.h"

/* In the order of the help. */
static const struct cli_family FAMILIES[] = {
    {"Set up", CLI_LOGIN_COMMANDS},
    {"", CLI_DOCTOR_COMMANDS},
    {"Agents, clients and tools", CLI_APPLY_COMMANDS},
    {"", CLI_REGISTRY_COMMANDS},
    {"Tasks and delegations", CLI_TASK_COMMANDS},
    {"", CLI_DELEGATE_COMMANDS},
    {"", CLI_REVOKE_COMMANDS},
    {"", CLI_CIRCUIT_COMMANDS},
    {"Uses", CLI_USE_COMMANDS},
    {"", CLI_WHY_COMMANDS},
    {"", CLI_GRAPH_COMMANDS},
    {"Offline", CLI_VERIFY_COMMANDS},
    {"", CLI_INSPECT_COMMANDS},
    {"", CLI_DIFF_COMMANDS},
    {"", CLI_KEY_COMMANDS},
    {NULL, NULL},
};

static const struct cli_option GLOBAL[] = {
    {"output", "table|json", "how to print (-o); graph knows dot and mermaid too"},
    {"context", "NAME", "another context than the current one"},
    {"as", "CLIENT", "speak as this client of the context"},
    {"help", NULL, "show this (-h)"},
    {NULL, NULL, NULL},
};

const char *cli_option(const struct cli *cli, const char *name)
{
    const struct cli_option *options = cli->command->options;
    for (size_t i = 0; options && options[i].name; i++)
        if (strcmp(options[i].name, name) == 0)
            return cli->values[i];
    return NULL;
}

enum cli_exit cli_required(const struct cli *cli, const char *name, const char **ret_value)
{
    const char *value = cli_option(cli, name);
    if (!value)
        return cli_fail(cli, "--%s is needed; see `writ %s --help`", name, cli->command->name);
    *ret_value = value;
    return CLI_DONE;
}

enum cli_exit cli_integer(const struct cli *cli, const char *name, int64_t otherwise,
                          int64_t *ret_integer)
{
    const char *text = cli_option(cli, name);
    if (!text) {
        *ret_integer = otherwise;
        return CLI_DONE;
    }
    char *end = NULL;
    const long long integer = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0')
        return cli_fail(cli, "--%s: %s is no integer", name, text);
    *ret_integer = integer;
    return CLI_DONE;
}

enum cli_exit cli_fail(const struct cli *cli, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs(cli->colour_err ? "\033[31mwrit:\033[0m " : "writ: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return CLI_FAILED;
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    if (cli->format == CLI_JSON)
        return;
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
}

void *cli_must(const void *pointer)
{
    if (pointer)
        return (void *)(uintptr_t)pointer;
    fputs("writ: out of memory\n", stderr);
    exit(CLI_FAILED);
}

/* Where the value of --name goes, in the command's own list or in that of all commands. */
static const struct cli_option *find_option(struct cli *cli, const char *name, size_t size,
                                            const char ***ret_slot)
{
    const char **const slots[] = {&cli->output, &cli->context, &cli->as, NULL};
    const struct cli_option *own = cli->command ? cli->command->options : NULL;
    for (size_t i = 0; own && own[i].name; i++)
        if (strlen(own[i].name) == size && memcmp(own[i].name, name, size) == 0) {
            *ret_slot = &cli->values[i];
            return &own[i];
        }
    for (size_t i = 0; slots[i]; i++)
        if (strlen(GLOBAL[i].name) == size && memcmp(GLOBAL[i].name, name, size) == 0) {
            *ret_slot = slots[i];
            return &GLOBAL[i];
        }
    return NULL;
}

static enum cli_exit no_option(struct cli *cli, const char *text)
{
    const char *name = cli->command ? cli->command->name : "";
    return cli_fail(cli, "%s is no option; see `writ %s%s--help`", text, name, *name ? " " : "");
}

/* argv[*at] is an option; takes it, and its value. */
static enum cli_exit read_option(struct cli *cli, int argc, char **argv, int *at)
{
    const char *text = argv[*at];
    const char *name = text + 2;
    if (strcmp(text, "-o") == 0)
        name = "output";
    else if (strcmp(text, "-f") == 0)
        name = "file";
    else if (text[1] != '-')
        return no_option(cli, text);
    const char *equals = strchr(name, '=');
    const size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const char **slot = NULL;
    const struct cli_option *option = find_option(cli, name, size, &slot);
    if (!option)
        return no_option(cli, text);
    if (*slot)
        return cli_fail(cli, "--%s is given twice", option->name);
    if (!option->value && equals)
        return cli_fail(cli, "--%s takes no value", option->name);
    if (option->value && !equals && *at + 1 >= argc)
        return cli_fail(cli, "--%s needs a value: %s", option->name, option->value);
    if (option->value)
        *slot = equals ? equals + 1 : argv[++*at];
    else
        *slot = "";
    return CLI_DONE;
}

/* The words behind the command's name: options anywhere, until "--". */
static enum cli_exit read_words(struct cli *cli, int argc, char **argv, int at)
{
    bool options_end = false;
    cli->arguments = cli_must(writ_arena_array(&cli->arena, (size_t)argc, sizeof(char *)));
    for (; at < argc; at++) {
        if (options_end || argv[at][0] != '-' || argv[at][1] == '\0')
            cli->arguments[cli->argument_count++] = argv[at];
        else if (strcmp(argv[at], "--") == 0)
            options_end = true;
        else
            CLI_TRY(read_option(cli, argc, argv, &at));
    }
    if (cli->argument_count < cli->command->arguments_min ||
        cli->argument_count > cli->command->arguments_max)
        return cli_fail(cli, "usage: writ %s %s", cli->command->name, cli->command->arguments);
    return CLI_DONE;
}

static enum cli_exit read_format(struct cli *cli)
{
    const bool is_graph = strcmp(cli->command->name, "graph") == 0;
    if (!cli->output || strcmp(cli->output, "table") == 0)
        return CLI_DONE;
    if (strcmp(cli->output, "json") == 0) {
        cli->format = CLI_JSON;
        return CLI_DONE;
    }
    if (is_graph && (strcmp(cli->output, "dot") == 0 || strcmp(cli->output, "mermaid") == 0))
        return CLI_DONE;
    return cli_fail(cli, "-o %s: table or json%s", cli->output, is_graph ? ", dot, mermaid" : "");
}

/* How many of the words are the name of the command; 0: they are not. */
static int name_length(const struct cli_command *command, int argc, char **argv)
{
    const char *space = strchr(command->name, ' ');
    if (!space)
        return argc > 1 && strcmp(argv[1], command->name) == 0 ? 1 : 0;
    const size_t first = (size_t)(space - command->name);
    if (argc < 3 || strlen(argv[1]) != first || memcmp(argv[1], command->name, first) != 0)
        return 0;
    return strcmp(argv[2], space + 1) == 0 ? 2 : 0;
}

static int find_command(struct cli *cli, int argc, char **argv)
{
    for (const struct cli_family *family = FAMILIES; family->title; family++)
        for (const struct cli_command *command = family->commands; command->name; command++) {
            const int length = name_length(command, argc, argv);
            if (length > 0) {
                cli->command = command;
                return length;
            }
        }
    return 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static bool may_colour(int descriptor)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(descriptor) && (!no_colour || *no_colour == '\0') &&
           !(term && strcmp(term, "dumb") == 0);
}

static enum cli_exit help(struct cli *cli, bool found, const char *word)
{
    if (found)
        usage_command(cli->command, GLOBAL, stdout);
    else
        usage_all(FAMILIES, word, stdout);
    return CLI_DONE;
}

static enum cli_exit run(struct cli *cli, int argc, char **argv)
{
    int at = 1;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("writ " WRIT_VERSION);
        return CLI_DONE;
    }
    const bool wants_help = asks_for_help(argc, argv);
    /* The options of every command may stand before it. */
    for (; at < argc && argv[at][0] == '-' && !wants_help; at++)
        CLI_TRY(read_option(cli, argc, argv, &at));
    const int length = find_command(cli, argc - at + 1, argv + at - 1);
    if (wants_help)
        return help(cli, length > 0, at < argc && argv[at][0] != '-' ? argv[at] : NULL);
    if (at >= argc) {
        usage_all(FAMILIES, NULL, stderr);
        return CLI_FAILED;
    }
    if (length == 0) {
        usage_all(FAMILIES, argv[at], stderr);
        return cli_fail(cli, "there is no command %s%s%s", argv[at], at + 1 < argc ? " " : "",
                        at + 1 < argc ? argv[at + 1] : "");
    }
    CLI_TRY(read_words(cli, argc, argv, at + length));
    CLI_TRY(read_format(cli));
    return cli->command->run(cli);
}

/* See writ_json_allocate_by: better no answer than one from half a text. */
static void *allocate_or_end(size_t size)
{
    void *block = malloc(size);
    if (!block) {
        fputs("writ: out of memory\n", stderr);
        abort();
    }
    return block;
}

int main(int argc, char **argv)
{
    struct cli cli = {.colour_out = may_colour(STDOUT_FILENO),
                      .colour_err = may_colour(STDERR_FILENO)};
    writ_arena_init(&cli.arena, (size_t)512 * 1024 * 1024);
    enum cli_exit exit_code = CLI_FAILED;
    writ_json_allocate_by(allocate_or_end, free);
    if (writ_is_ok(writ_start()))
        exit_code = run(&cli, argc, argv);
    http_free(cli.http);
    writ_arena_done(&cli.arena);
    /* An answer that did not reach its reader is no success. */
    if (fflush(stdout) != 0 && exit_code == CLI_DONE)
        exit_code = CLI_FAILED;
    return (int)exit_code;
}
