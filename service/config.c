#include "config_check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "writ.h"

enum kind { TEXT, NUMBER, ADMIT_OR_DENY, LEVEL };

struct option {
    const char *name; /* of the flag and in the file; in the environment WRIT_ and capitals */
    enum kind kind;
    size_t offset;        /* in struct config */
    const char *fallback; /* NULL: stays NULL or 0 */
    uint32_t min, max;
    const char *help;
};

#define AT(member) offsetof(struct config, member)

static const struct option OPTIONS[] = {
    {"listen", TEXT, AT(listen), "127.0.0.1:8420", 0, 0, "address and port to serve on"},
    {"issuer-url", TEXT, AT(issuer_url), "http://127.0.0.1:8420", 0, 0,
     "the iss of root tokens, as clients see it; one an environment, never changed"},
    {"tls-cert", TEXT, AT(tls_cert), NULL, 0, 0, "PEM file; serves https, with --tls-key"},
    {"tls-key", TEXT, AT(tls_key), NULL, 0, 0, "PEM file of the certificate's key"},
    {"data-dir", TEXT, AT(data_dir), "var", 0, 0, "keys, credentials and the private cluster"},
    {"database", TEXT, AT(database), NULL, 0, 0,
     "postgresql:// URL; without it a private cluster under the data directory"},
    {"follow", TEXT, AT(follow), NULL, 0, 0,
     "postgresql:// URL of a standby to follow the feed of revocations on"},
    {"database-role", TEXT, AT(database_role), "writ_service", 0, 0,
     "role that the service takes in every session"},
    {"postgres-bin", TEXT, AT(postgres_bin), NULL, 0, 0,
     "directory of initdb and postgres for the private cluster (15 or later)"},
    {"postgres-user", TEXT, AT(postgres_user), NULL, 0, 0,
     "user of the private cluster when writd is root (postgres, else nobody)"},
    {"threads", NUMBER, AT(threads), "0", 0, 256, "event loops; 0 means one a core"},
    {"connections", NUMBER, AT(connections), "4096", 1, 1000000,
     "open at once, over all loops; beyond it who waits longest loses its own"},
    {"connection-timeout-s", NUMBER, AT(connection_timeout_s), "60", 1, 3600,
     "a connection that is silent, or brings no whole request, this long is closed"},
    {"header-limit", NUMBER, AT(header_limit), "16384", 1024, 1048576, "bytes of request headers"},
    {"body-limit", NUMBER, AT(body_limit), "1048576", 1024, 67108864, "bytes of a request body"},
    {"drain-s", NUMBER, AT(drain_s), "10", 0, 3600, "running requests may take this long at stop"},
    {"leave-s", NUMBER, AT(leave_s), "0", 0, 3600,
     "not ready but still serving this long before that, so that a proxy turns away"},
    {"readers", NUMBER, AT(readers), "4", 1, 256, "database sessions beside the writer's"},
    {"statement-timeout-ms", NUMBER, AT(statement_timeout_ms), "800", 10, 600000,
     "a statement that takes longer is given up"},
    {"lease-s", NUMBER, AT(lease_s), "300", 1, 86400, "a delegation not renewed this long is dead"},
    {"max-lifetime-s", NUMBER, AT(max_lifetime_s), "3600", 1, 31536000, "longest life of a task"},
    {"max-depth", NUMBER, AT(max_depth), "8", 1, 32, "deepest delegation"},
    {"client-rate", NUMBER, AT(client_rate), "10000", 0, 1000000,
     "requests a second of one API client; a forged one counts ten; 0 means no limit"},
    {"task-nodes", NUMBER, AT(task_nodes), "100000", 0, 100000000,
     "delegations of one task; 0 means no limit"},
    {"task-children", NUMBER, AT(task_children), "10000", 0, 100000000,
     "children of one delegation; 0 means no limit"},
    {"known-chains", NUMBER, AT(known_chains), "16384", 1, 16777216,
     "admitted chains kept in memory"},
    {"default-budget-calls", NUMBER, AT(default_budget_calls), "1000", 1, 1000000000,
     "calls of a task whose root says nothing of them"},
    {"outcome-grace-s", NUMBER, AT(outcome_grace_s), "300", 0, 86400,
     "how long after its end a task's calls may still be reported on"},
    {"circuit-refusals", NUMBER, AT(circuit_refusals), "5", 0, 100,
     "refused calls in a minute stop a delegation and what is below; 0 means never"},
    {"circuit-open-s", NUMBER, AT(circuit_open_s), "60", 1, 86400,
     "how long a delegation stays stopped"},
    {"approval-s", NUMBER, AT(approval_s), "900", 1, 604800,
     "how many seconds people have to approve a call"},
    {"approval-webhook", TEXT, AT(approval_webhook), NULL, 0, 0,
     "URL that is told when people are asked to approve a call, and what became of it"},
    {"approval-webhook-secret", TEXT, AT(approval_webhook_secret), NULL, 0, 0,
     "file of the secret (whsec_...) that such messages are signed with"},
    {"staleness-write-ms", NUMBER, AT(staleness_write_ms), "1000", 20, 600000,
     "oldest view of revocations that a tool with effects is judged on"},
    {"staleness-read-ms", NUMBER, AT(staleness_read_ms), "30000", 20, 600000,
     "oldest view of revocations that a reading tool is judged on"},
    {"pop-window-s", NUMBER, AT(pop_window_s), "30", 1, 600, "how old a proof may be"},
    {"unregistered", ADMIT_OR_DENY, AT(admit_unregistered), "deny", 0, 0,
     "a link first seen at use: deny, or admit after the whole admission"},
    {"retain-decisions", NUMBER, AT(retain_decisions), "90", 0, 36500,
     "days until writd maintain moves decisions away; 0 means never"},
    {"retain-idempotency", NUMBER, AT(retain_idempotency), "7", 0, 36500,
     "days until writd maintain forgets idempotency keys; 0 means never"},
    {"policy-file", TEXT, AT(policy_file), NULL, 0, 0,
     "Cedar policies: in force from start, read again at SIGHUP; then PUT /v1/policies is refused"},
    {"policy-opa", TEXT, AT(policy_opa), NULL, 0, 0,
     "URL of a document of OPA (https://opa/v1/data/writ/decision) that has to permit as well"},
    {"policy-opa-token", TEXT, AT(policy_opa_token), NULL, 0, 0, "file of the bearer token for it"},
    {"policy-authzen", TEXT, AT(policy_authzen), NULL, 0, 0,
     "URL before /access/v1 of an AuthZEN decision point that has to permit as well"},
    {"policy-authzen-token", TEXT, AT(policy_authzen_token), NULL, 0, 0,
     "file of the bearer token for it"},
    {"policy-ca", TEXT, AT(policy_ca), NULL, 0, 0,
     "PEM file of who may certify policy engines; without it the system's"},
    {"policy-deadline-ms", NUMBER, AT(policy_deadline_ms), "300", 10, 5000,
     "a policy engine that has not answered by then has failed"},
    {"log-level", LEVEL, AT(log_level), "info", 0, 0, "error, warn, info or debug"},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof OPTIONS[0] };

/* What was said about one option, and where. */
struct given {
    const char *value;
    const char *source;
};

struct reading {
    struct config *config;
    FILE *errors;
    struct given given[OPTION_COUNT];
    const char *file;
    const char *file_source;
    bool check_only;
};

static size_t find_option(const char *name, size_t size)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (strlen(OPTIONS[i].name) == size && strncmp(OPTIONS[i].name, name, size) == 0)
            return i;
    return OPTION_COUNT;
}

static void environment_name(const char *name, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "WRIT_%s", name);
    for (char *c = ret_text; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

static void print_help(FILE *output)
{
    fputs("writd judges each use of a delegated token, and keeps the ledger.\n\n"
          "usage: writd [--config FILE] [--OPTION VALUE]...\n"
          "       writd recover [--yes] [--OPTION VALUE]...      see writd recover --help\n"
          "       writd maintain [--dry-run] [--OPTION VALUE]... see writd maintain --help\n\n"
          "  --config FILE            `name = value` lines; also WRIT_CONFIG_FILE\n"
          "  --check-config           say what is wrong with the configuration, and stop\n"
          "  --version, --help\n\n"
          "A flag wins over the environment (WRIT_DATA_DIR for data-dir), that over the file.\n\n",
          output);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        fprintf(output, "  --%-22s %s", option->name, option->help);
        if (option->fallback)
            fprintf(output, " [%s]", option->fallback);
        fputc('\n', output);
    }
}

/* A later source never overwrites an earlier one: sources are read in order of precedence. */
static void give(struct reading *reading, size_t index, const char *value, const char *source)
{
    if (!reading->given[index].value)
        reading->given[index] = (struct given){value, source};
}

static bool read_flags(struct reading *reading, int argc, char *const argv[])
{
    struct writ_arena *arena = &reading->config->arena;
    for (int i = 1; i < argc; i++) {
        const char *flag = argv[i];
        if (strncmp(flag, "--", 2) != 0) {
            fprintf(reading->errors, "writd: unexpected argument \"%s\"; see --help\n", flag);
            return false;
        }
        flag += 2;
        if (strcmp(flag, "check-config") == 0) {
            reading->check_only = true;
            continue;
        }
        const char *equals = strchr(flag, '=');
        const size_t size = equals ? (size_t)(equals - flag) : strlen(flag);
        const bool is_file = size == strlen("config") && strncmp(flag, "config", size) == 0;
        const size_t index = find_option(flag, size);
        if (!is_file && index == OPTION_COUNT) {
            fprintf(reading->errors, "writd: unknown option --%.*s; see --help\n", (int)size, flag);
            return false;
        }
        if (!equals && i + 1 == argc) {
            fprintf(reading->errors, "writd: --%s needs a value\n", flag);
            return false;
        }
        const char *value = equals ? equals + 1 : argv[++i];
        const char *source = writ_arena_printf(arena, "flag --%.*s", (int)size, flag);
        if (is_file) {
            reading->file = value;
            reading->file_source = source;
            continue;
        }
        if (reading->given[index].value) {
            fprintf(reading->errors, "writd: --%s is given twice\n", OPTIONS[index].name);
            return false;
        }
        give(reading, index, value, source);
    }
    return true;
}

static void read_environment(struct reading *reading)
{
    char name[64];
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        environment_name(OPTIONS[i].name, name, sizeof name);
        const char *value = getenv(name);
        if (value)
            give(reading, i, value,
                 writ_arena_printf(&reading->config->arena, "environment %s", name));
    }
    const char *file = getenv("WRIT_CONFIG_FILE");
    if (file && !reading->file) {
        reading->file = file;
        reading->file_source = "environment WRIT_CONFIG_FILE";
    }
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t size = strlen(text);
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = 0;
    return text;
}

static bool read_line(struct reading *reading, char *line, int number)
{
    struct writ_arena *arena = &reading->config->arena;
    char *text = trim(line);
    if (*text == 0 || *text == '#')
        return true;
    char *equals = strchr(text, '=');
    if (!equals) {
        fprintf(reading->errors, "writd: %s:%d: expected `name = value`\n", reading->file, number);
        return false;
    }
    *equals = 0;
    const char *name = trim(text);
    const char *value = trim(equals + 1);
    const size_t index = find_option(name, strlen(name));
    if (index == OPTION_COUNT) {
        fprintf(reading->errors, "writd: %s:%d: unknown option \"%s\"\n", reading->file, number,
                name);
        return false;
    }
    give(reading, index, writ_arena_text(arena, writ_slice_text(value)),
         writ_arena_printf(arena, "file %s:%d", reading->file, number));
    return true;
}

static bool read_file(struct reading *reading)
{
    if (!reading->file)
        return true;
    FILE *file = fopen(reading->file, "re");
    if (!file) {
        fprintf(reading->errors, "writd: cannot read %s (%s): %s\n", reading->file,
                reading->file_source, strerror(errno));
        return false;
    }
    bool good = true;
    char line[4096];
    for (int number = 1; good && fgets(line, sizeof line, file); number++) {
        if (!strchr(line, '\n') && !feof(file)) {
            fprintf(reading->errors, "writd: %s:%d: line too long\n", reading->file, number);
            good = false;
            break;
        }
        good = read_line(reading, line, number);
    }
    if (ferror(file)) {
        fprintf(reading->errors, "writd: cannot read %s (%s)\n", reading->file,
                reading->file_source);
        good = false;
    }
    fclose(file);
    return good;
}

static bool refuse(const struct reading *reading, size_t index, const char *why)
{
    const struct given *given = &reading->given[index];
    fprintf(reading->errors, "writd: %s = \"%s\" (%s): %s\n", OPTIONS[index].name, given->value,
            given->source, why);
    return false;
}

bool config_refuse(const struct reading *reading, const char *name, const char *why)
{
    return refuse(reading, find_option(name, strlen(name)), why);
}

static bool set_number(const struct reading *reading, size_t index, uint32_t *ret_number)
{
    const struct option *option = &OPTIONS[index];
    const char *text = reading->given[index].value;
    char why[96];
    snprintf(why, sizeof why, "must be a whole number from %u to %u", option->min, option->max);
    if (*text == 0 || strspn(text, "0123456789") != strlen(text) || strlen(text) > 10)
        return refuse(reading, index, why);
    const unsigned long long number = strtoull(text, NULL, 10);
    if (number < option->min || number > option->max)
        return refuse(reading, index, why);
    *ret_number = (uint32_t)number;
    return true;
}

static bool set_value(const struct reading *reading, size_t index)
{
    const struct option *option = &OPTIONS[index];
    const char *value = reading->given[index].value;
    char *member = (char *)reading->config + option->offset;
    switch (option->kind) {
    case TEXT:
        if (*value == 0)
            return refuse(reading, index, "must not be empty");
        value = writ_arena_text(&reading->config->arena, writ_slice_text(value));
        memcpy(member, &value, sizeof value);
        return true;
    case NUMBER: {
        uint32_t number = 0;
        if (!set_number(reading, index, &number))
            return false;
        memcpy(member, &number, sizeof number);
        return true;
    }
    case ADMIT_OR_DENY: {
        const bool admit = strcmp(value, "admit") == 0;
        if (!admit && strcmp(value, "deny") != 0)
            return refuse(reading, index, "must be deny or admit");
        memcpy(member, &admit, sizeof admit);
        return true;
    }
    case LEVEL: {
        enum log_level level = LOG_LEVEL_INFO;
        if (!log_level_parse(value, &level))
            return refuse(reading, index, "must be error, warn, info or debug");
        memcpy(member, &level, sizeof level);
        return true;
    }
    }
    return false;
}

enum config_outcome config_read(struct config *ret_config, int argc, char *const argv[],
                                FILE *output, FILE *errors)
{
    *ret_config = (struct config){0};
    writ_arena_init(&ret_config->arena, 1 << 20);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(output);
            return CONFIG_SHOWN;
        }
        if (strcmp(argv[i], "--version") == 0) {
            fputs("writd " WRIT_VERSION "\n", output);
            return CONFIG_SHOWN;
        }
    }

    struct reading reading = {.config = ret_config, .errors = errors};
    if (!read_flags(&reading, argc, argv))
        return CONFIG_REFUSED;
    read_environment(&reading);
    if (!read_file(&reading))
        return CONFIG_REFUSED;
    bool good = true;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].fallback)
            give(&reading, i, OPTIONS[i].fallback, "default");
        if (reading.given[i].value)
            good = set_value(&reading, i) && good;
    }
    if (!good || !config_check(ret_config, &reading))
        return CONFIG_REFUSED;
    if (!reading.check_only)
        return CONFIG_SERVE;
    fputs("writd: the configuration is good\n", output);
    return CONFIG_CHECKED;
}

void config_done(struct config *config)
{
    if (config)
        writ_arena_done(&config->arena);
}
