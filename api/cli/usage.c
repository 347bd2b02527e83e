#include "usage.h"

#include <string.h>

static void print_options(const struct cli_option *options, FILE *to)
{
    for (; options && options->name; options++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->value ? " " : "",
                 options->value ? options->value : "");
        fprintf(to, "  %-30s %s\n", left, options->help);
    }
}

void usage_command(const struct cli_command *command, const struct cli_option *global, FILE *to)
{
    fprintf(to, "usage: writ %s%s%s [options]\n\n%s\n", command->name,
            *command->arguments ? " " : "", command->arguments, command->summary);
    if (command->options) {
        fputs("\noptions:\n", to);
        print_options(command->options, to);
    }
    fputs("\noptions of every command:\n", to);
    print_options(global, to);
    fputs("\nexit codes: 0 done or permit, 1 usage or failure, 3 deny\n", to);
}

static bool begins_with_word(const char *name, const char *word)
{
    const size_t size = strlen(word);
    return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == ' ');
}

static size_t print_commands(const struct cli_family *families, const char *prefix, FILE *to)
{
    size_t printed = 0;
    for (; families->title; families++) {
        if (!prefix && *families->title)
            fprintf(to, "\n%s:\n", families->title);
        for (const struct cli_command *c = families->commands; c->name; c++) {
            if (prefix && !begins_with_word(c->name, prefix))
                continue;
            fprintf(to, "  %-16s %s\n", c->name, c->summary);
            printed++;
        }
    }
    return printed;
}

void usage_all(const struct cli_family *families, const char *prefix, FILE *to)
{
    fputs("usage: writ COMMAND [arguments] [options]\n", to);
    if (!prefix || print_commands(families, prefix, to) == 0)
        print_commands(families, NULL, to);
    fputs("\n`writ COMMAND --help` says more; writ(1) says all.\n", to);
}
