/*
 * corpus DIR...: Cedar's conformance corpus (tests and the verdicts of its authors, as cedar-go
 * carries it) through service/policy/cedar/cedar.h. Of each test: the policies are taken, strict
 * validation says what it should, and every request gets the decision, the determining policies and
 * the policies that failed which the corpus says. Prints what differs, and a line for tests/run.
 */
#include "policy/cedar/cedar.h"
#include "writ.h"
#include "json/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 8 << 20 };

struct corpus {
    const char *folder;      /* with corpus-tests and corpus-tests-validation in it */
    struct writ_arena arena; /* of one test */
    bool complete;           /* every value could be made */
    size_t passed, failed;
};

static void count(struct corpus *corpus, bool passed, const char *name, const char *what)
{
    if (!passed)
        printf("%s: %s\n", name, what);
    corpus->passed += passed;
    corpus->failed += !passed;
}

/* ---- Files -------------------------------------------------------------------------------- */

static struct writ_slice read_file(struct corpus *corpus, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return WRIT_SLICE_NONE;
    char *bytes = malloc(FILE_MAX);
    const size_t size = bytes ? fread(bytes, 1, FILE_MAX, file) : 0;
    const struct writ_slice copy = writ_arena_copy(&corpus->arena, writ_slice_of(bytes, size));
    free(bytes);
    fclose(file);
    return copy;
}

static struct writ_slice named(struct corpus *corpus, const struct writ_json *test,
                               const char *member)
{
    const char *path = writ_arena_printf(
        &corpus->arena, "%s/corpus-tests/%.*s", corpus->folder,
        WRIT_SLICE_ARGS(writ_json_text(writ_json_get(test, member))));
    return read_file(corpus, path);
}

/* Our JSON has no U+0000, and the corpus has it: tests/policy/run writes U+F8F0 for it. */
static void restore(struct writ_slice *text)
{
    static const char MARK[] = "\xef\xa3\xb0";
    uint8_t *const bytes = (uint8_t *)(uintptr_t)text->data;
    size_t used = 0;
    for (size_t i = 0; i < text->size; used++)
        if (text->size - i >= 3 && memcmp(bytes + i, MARK, 3) == 0) {
            bytes[used] = '\0';
            i += 3;
        } else {
            bytes[used] = bytes[i++];
        }
    text->size = used;
}

static void restore_all(struct writ_json *json)
{
    if (json->type == WRIT_JSON_STRING)
        restore(&json->text);
    for (size_t i = 0; i < json->count; i++) {
        if (json->type == WRIT_JSON_OBJECT)
            restore(&json->names[i]);
        restore_all(&json->items[i]);
    }
}

static const struct writ_json *parsed(struct corpus *corpus, struct writ_slice text)
{
    const struct writ_json *value = NULL;
    if (!text.data || !writ_is_ok(writ_json_parse(&corpus->arena, text, &value)))
        return NULL;
    struct writ_json *copy = writ_json_copy(&corpus->arena, value);
    if (copy)
        restore_all(copy);
    return copy;
}

/* ---- Cedar's JSON, as values of cedar.h ---------------------------------------------------- */

static struct cedar_uid uid_of(const struct writ_json *json)
{
    const struct writ_json *inner = writ_json_get(json, "__entity");
    const struct writ_json *uid = inner ? inner : json;
    return (struct cedar_uid){writ_json_text(writ_json_get(uid, "type")),
                              writ_json_text(writ_json_get(uid, "id"))};
}

static bool read_extension(const struct writ_json *call, struct cedar_value *value)
{
    static const struct {
        const char *name;
        uint32_t kind;
    } FUNCTIONS[] = {
        {"datetime", CEDAR_DATETIME},
        {"duration", CEDAR_DURATION},
        {"decimal", CEDAR_DECIMAL},
        {"ip", CEDAR_IP},
    };
    const struct writ_slice name = writ_json_text(writ_json_get(call, "fn"));
    value->text = writ_json_text(writ_json_get(call, "arg"));
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++)
        if (writ_slice_is(name, FUNCTIONS[i].name)) {
            value->kind = FUNCTIONS[i].kind;
            return value->text.data != NULL;
        }
    return false;
}

static struct cedar_value value_of(struct corpus *corpus, const struct writ_json *json);

static const struct cedar_value *items_of(struct corpus *corpus, const struct writ_json *json)
{
    struct cedar_value *items = writ_arena_array(&corpus->arena, json->count, sizeof *items);
    corpus->complete = corpus->complete && (items || json->count == 0);
    for (size_t i = 0; items && i < json->count; i++) {
        items[i] = value_of(corpus, &json->items[i]);
        if (json->type == WRIT_JSON_OBJECT)
            items[i].name = json->names[i];
    }
    return items;
}

static struct cedar_value value_of(struct corpus *corpus, const struct writ_json *json)
{
    struct cedar_value value = {.text = json->text};
    const struct writ_json *call = writ_json_get(json, "__extn");
    if (writ_json_get(json, "__entity")) {
        const struct cedar_uid uid = uid_of(json);
        return (struct cedar_value){.kind = CEDAR_ENTITY, .type = uid.type, .text = uid.id};
    }
    if (call) {
        corpus->complete = read_extension(call, &value) && corpus->complete;
        return value;
    }
    switch (json->type) {
    case WRIT_JSON_BOOLEAN:
        return (struct cedar_value){.kind = CEDAR_BOOL, .number = json->boolean};
    case WRIT_JSON_NUMBER:
        value.kind = CEDAR_LONG;
        corpus->complete = writ_json_integer(json, &value.number) && corpus->complete;
        return value;
    case WRIT_JSON_STRING:
        value.kind = CEDAR_STRING;
        return value;
    case WRIT_JSON_ARRAY:
    case WRIT_JSON_OBJECT:
        value.kind = json->type == WRIT_JSON_ARRAY ? CEDAR_SET : CEDAR_RECORD;
        value.items = items_of(corpus, json);
        value.count = json->count;
        return value;
    default:
        corpus->complete = false;
        return value;
    }
}

static struct cedar_entity entity_of(struct corpus *corpus, const struct writ_json *json)
{
    const struct writ_json *attributes = writ_json_get(json, "attrs");
    const struct writ_json *tags = writ_json_get(json, "tags");
    const struct writ_json *parents = writ_json_get(json, "parents");
    const size_t parent_count = parents ? parents->count : 0;
    struct cedar_uid *above = writ_arena_array(&corpus->arena, parent_count, sizeof *above);
    for (size_t i = 0; i < parent_count; i++)
        above[i] = uid_of(&parents->items[i]);
    return (struct cedar_entity){
        .uid = uid_of(writ_json_get(json, "uid")),
        .attributes = attributes ? items_of(corpus, attributes) : NULL,
        .attribute_count = attributes ? attributes->count : 0,
        .tags = tags ? items_of(corpus, tags) : NULL,
        .tag_count = tags ? tags->count : 0,
        .parents = above,
        .parent_count = parent_count,
    };
}

/* ---- One test ------------------------------------------------------------------------------ */

static bool are_these(const struct cedar_policies *policies, const size_t *indices, size_t count_,
                      const struct writ_json *wanted)
{
    bool same = wanted && wanted->count == count_;
    for (size_t i = 0; same && i < count_; i++) {
        bool is_there = false;
        for (size_t j = 0; j < wanted->count; j++)
            is_there = is_there || writ_slice_equal(writ_json_text(&wanted->items[j]),
                                                    cedar_policy_id(policies, indices[i]));
        same = is_there;
    }
    return same;
}

static void run_request(struct corpus *corpus, const char *name,
                        const struct cedar_policies *policies, const struct writ_json *asked,
                        struct cedar_request *request)
{
    char message[512] = "";
    struct cedar_answer answer;
    const struct writ_json *context = writ_json_get(asked, "context");
    const size_t cap = cedar_policies_count(policies) + 1;
    size_t *determining = writ_arena_array(&corpus->arena, cap, sizeof *determining);
    size_t *errors = writ_arena_array(&corpus->arena, cap, sizeof *errors);
    request->principal = uid_of(writ_json_get(asked, "principal"));
    request->action = uid_of(writ_json_get(asked, "action"));
    request->resource = uid_of(writ_json_get(asked, "resource"));
    request->context = context ? items_of(corpus, context) : NULL;
    request->context_count = context ? context->count : 0;
    if (!corpus->complete || cedar_judge(policies, request, &answer, determining, errors, message,
                                         sizeof message) != CEDAR_OK) {
        count(corpus, false, name, corpus->complete ? message : "a value could not be made");
        return;
    }
    const struct writ_slice decision = writ_json_text(writ_json_get(asked, "decision"));
    count(corpus, writ_slice_is(decision, answer.permits ? "allow" : "deny"), name, "decision");
    count(
        corpus,
        are_these(policies, determining, answer.determining_count, writ_json_get(asked, "reason")),
        name, "determining policies");
    count(corpus, are_these(policies, errors, answer.error_count, writ_json_get(asked, "errors")),
          name, "policies that failed");
}

/* Of Cedar 4.12, which judged the corpus; since then it is a warning, and we refuse it. */
static bool only_never_applies(const struct writ_json *errors)
{
    for (size_t i = 0; errors && i < errors->count; i++) {
        const struct writ_slice error = writ_json_text(&errors->items[i]);
        static const char SAYS[] = "unable to find an applicable action given";
        if (!memmem(error.data, error.size, SAYS, sizeof SAYS - 1))
            return false;
    }
    return errors && errors->count > 0;
}

/* What Cedar's own validator said in strict mode. */
static void run_validation(struct corpus *corpus, const char *name, struct writ_slice text,
                           const struct writ_json *test)
{
    char message[512] = "";
    const char *path = writ_arena_printf(
        &corpus->arena, "%s/corpus-tests-validation/corpus-tests-validation/%s.validation.json",
        corpus->folder, name);
    const struct writ_json *said = writ_json_get(parsed(corpus, read_file(corpus, path)),
                                                 "policyValidation");
    const struct writ_json *strict = writ_json_get(said, "strict");
    struct cedar_policies *policies = NULL;
    if (!strict) {
        count(corpus, false, name, "the corpus has no verdict on its validity");
        return;
    }
    const bool careful = only_never_applies(writ_json_get(said, "strictErrors"));
    const enum cedar_outcome outcome = cedar_policies_new(
        text, named(corpus, test, "schema"), careful, &policies, message, sizeof message);
    count(corpus, outcome != CEDAR_FAULT && (outcome == CEDAR_OK) == strict->boolean, name,
          "validity");
    cedar_policies_free(policies);
}

static void run_test(struct corpus *corpus, const char *name, const struct writ_json *test)
{
    char message[512] = "";
    struct cedar_policies *policies = NULL;
    const struct writ_slice text = named(corpus, test, "policies");
    const struct writ_json *entities = parsed(corpus, named(corpus, test, "entities"));
    const struct writ_json *requests = writ_json_get(test, "requests");
    run_validation(corpus, name, text, test);
    if (!entities || !requests ||
        cedar_policies_new(text, WRIT_SLICE_NONE, false, &policies, message, sizeof message) !=
            CEDAR_OK) {
        count(corpus, false, name, entities && requests ? message : "a file could not be read");
        return;
    }
    struct cedar_entity *all = writ_arena_array(&corpus->arena, entities->count, sizeof *all);
    for (size_t i = 0; all && i < entities->count; i++)
        all[i] = entity_of(corpus, &entities->items[i]);
    for (size_t i = 0; i < requests->count; i++) {
        struct cedar_request request = {.entities = all, .entity_count = entities->count};
        run_request(corpus, name, policies, &requests->items[i], &request);
    }
    cedar_policies_free(policies);
}

static bool is_test(const char *file)
{
    const char *dot = strchr(file, '.');
    return dot && dot != file && strcmp(dot, ".json") == 0;
}

static void run_all(struct corpus *corpus)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/corpus-tests/corpus-tests", corpus->folder);
    DIR *directory = opendir(folder);
    if (!directory) {
        count(corpus, false, folder, "there is no corpus here");
        return;
    }
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (!is_test(entry->d_name))
            continue;
        writ_arena_init(&corpus->arena, (size_t)256 << 20);
        corpus->complete = true;
        const char *name = writ_arena_printf(&corpus->arena, "%.*s",
                                             (int)(strchr(entry->d_name, '.') - entry->d_name),
                                             entry->d_name);
        const char *path = writ_arena_printf(&corpus->arena, "%s/%s", folder, entry->d_name);
        const struct writ_json *test = parsed(corpus, read_file(corpus, path));
        if (test)
            run_test(corpus, name, test);
        else
            count(corpus, false, name, "the test could not be read");
        writ_arena_done(&corpus->arena);
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    struct corpus corpus = {.folder = argc == 2 ? argv[1] : ""};
    if (argc != 2 || !writ_is_ok(writ_start())) {
        fprintf(stderr, "usage: corpus DIR\n");
        return EXIT_FAILURE;
    }
    run_all(&corpus);
    printf("%zu passed, %zu failed\n", corpus.passed, corpus.failed);
    return corpus.failed == 0 && corpus.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
