#include "decide/schema.h"

#include <math.h>
#include <stdio.h>

/* Where a value is judged, and where the reason goes: the first one stays. */
struct judgement {
    char *detail;
    size_t size;
    struct writ_slice property; /* the outermost one, for the reason */
};

typedef bool form_check(const struct writ_json *said, struct judgement *judgement);
typedef bool value_check(const struct writ_json *schema, const struct writ_json *said,
                         const struct writ_json *value, struct judgement *judgement);

static bool is_known(const struct writ_json *schema, struct judgement *judgement);
static bool allows(const struct writ_json *schema, const struct writ_json *value,
                   struct judgement *judgement);

/* ---- What a keyword may be set to --------------------------------------------------------- */

static const char *const TYPES[] = {
    [WRIT_JSON_NULL] = "null",     [WRIT_JSON_BOOLEAN] = "boolean", [WRIT_JSON_NUMBER] = "number",
    [WRIT_JSON_STRING] = "string", [WRIT_JSON_ARRAY] = "array",     [WRIT_JSON_OBJECT] = "object",
};

static bool is_type_name(const struct writ_json *said)
{
    const struct writ_slice name = writ_json_text(said);
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (writ_slice_is(name, TYPES[i]))
            return true;
    return writ_slice_is(name, "integer");
}

static bool is_types(const struct writ_json *said, struct judgement *judgement)
{
    (void)judgement;
    if (said->type != WRIT_JSON_ARRAY)
        return is_type_name(said);
    for (size_t i = 0; i < said->count; i++)
        if (!is_type_name(&said->items[i]))
            return false;
    return said->count > 0;
}

static bool is_anything(const struct writ_json *said, struct judgement *judgement)
{
    (void)judgement;
    return writ_json_all_admissible(said);
}

static bool is_list(const struct writ_json *said, struct judgement *judgement)
{
    return said->type == WRIT_JSON_ARRAY && is_anything(said, judgement);
}

static bool is_names(const struct writ_json *said, struct judgement *judgement)
{
    (void)judgement;
    return writ_json_is_texts(said);
}

static bool is_number(const struct writ_json *said, struct judgement *judgement)
{
    (void)judgement;
    return said->type == WRIT_JSON_NUMBER && said->admissible;
}

static bool is_size(const struct writ_json *said, struct judgement *judgement)
{
    (void)judgement;
    int64_t size = 0;
    return writ_json_integer(said, &size) && size >= 0;
}

static bool are_known(const struct writ_json *said, enum writ_json_type type,
                      struct judgement *judgement)
{
    for (size_t i = 0; said->type == type && i < said->count; i++)
        if (!is_known(&said->items[i], judgement))
            return false;
    return said->type == type;
}

static bool is_schemas(const struct writ_json *said, struct judgement *judgement)
{
    return said->count > 0 && are_known(said, WRIT_JSON_ARRAY, judgement);
}

static bool is_properties(const struct writ_json *said, struct judgement *judgement)
{
    return are_known(said, WRIT_JSON_OBJECT, judgement);
}

/* ---- What it says of a value -------------------------------------------------------------- */

static bool fits_type(const struct writ_json *name, const struct writ_json *value)
{
    if (writ_slice_is(name->text, "integer"))
        return value->type == WRIT_JSON_NUMBER && value->number == floor(value->number);
    return writ_slice_is(name->text, TYPES[value->type]);
}

static bool check_type(const struct writ_json *schema, const struct writ_json *said,
                       const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    (void)judgement;
    if (said->type != WRIT_JSON_ARRAY)
        return fits_type(said, value);
    for (size_t i = 0; i < said->count; i++)
        if (fits_type(&said->items[i], value))
            return true;
    return false;
}

static bool check_enum(const struct writ_json *schema, const struct writ_json *said,
                       const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    (void)judgement;
    for (size_t i = 0; i < said->count; i++)
        if (writ_json_equal(&said->items[i], value))
            return true;
    return false;
}

static bool check_const(const struct writ_json *schema, const struct writ_json *said,
                        const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    (void)judgement;
    return writ_json_equal(said, value);
}

static bool check_properties(const struct writ_json *schema, const struct writ_json *said,
                             const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    for (size_t i = 0; value->type == WRIT_JSON_OBJECT && i < said->count; i++) {
        const struct writ_json *member = writ_json_get_slice(value, said->names[i]);
        const bool outermost = judgement->property.size == 0;
        if (outermost)
            judgement->property = said->names[i];
        if (member && !allows(&said->items[i], member, judgement))
            return false;
        if (outermost)
            judgement->property = WRIT_SLICE_NONE;
    }
    return true;
}

static bool check_additional(const struct writ_json *schema, const struct writ_json *said,
                             const struct writ_json *value, struct judgement *judgement)
{
    const struct writ_json *properties = writ_json_get(schema, "properties");
    for (size_t i = 0; value->type == WRIT_JSON_OBJECT && i < value->count; i++)
        if (!writ_json_get_slice(properties, value->names[i]) &&
            !allows(said, &value->items[i], judgement))
            return false;
    return true;
}

static bool check_required(const struct writ_json *schema, const struct writ_json *said,
                           const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    for (size_t i = 0; value->type == WRIT_JSON_OBJECT && i < said->count; i++)
        if (!writ_json_get_slice(value, said->items[i].text)) {
            if (judgement->property.size == 0)
                judgement->property = said->items[i].text;
            return false;
        }
    return true;
}

static bool check_items(const struct writ_json *schema, const struct writ_json *said,
                        const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    for (size_t i = 0; value->type == WRIT_JSON_ARRAY && i < value->count; i++)
        if (!allows(said, &value->items[i], judgement))
            return false;
    return true;
}

/* Clauses are tried in silence: which of them failed is no reason. */
static size_t count_allowing(const struct writ_json *said, const struct writ_json *value)
{
    struct judgement silent = {.property = WRIT_SLICE_LITERAL("clause")};
    size_t count = 0;
    for (size_t i = 0; i < said->count; i++)
        count += allows(&said->items[i], value, &silent);
    return count;
}

static bool check_all(const struct writ_json *schema, const struct writ_json *said,
                      const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    for (size_t i = 0; i < said->count; i++)
        if (!allows(&said->items[i], value, judgement))
            return false;
    return true;
}

static bool check_any(const struct writ_json *schema, const struct writ_json *said,
                      const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    (void)judgement;
    return count_allowing(said, value) > 0;
}

static bool check_one(const struct writ_json *schema, const struct writ_json *said,
                      const struct writ_json *value, struct judgement *judgement)
{
    (void)schema;
    (void)judgement;
    return count_allowing(said, value) == 1;
}

static size_t characters(struct writ_slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((uint8_t)text.data[i] & 0xc0) != 0x80;
    return count;
}

#define BOUND(name, of_type, measure, relation)                                                    \
    static bool name(const struct writ_json *schema, const struct writ_json *said,                 \
                     const struct writ_json *value, struct judgement *judgement)                   \
    {                                                                                              \
        (void)schema;                                                                              \
        (void)judgement;                                                                           \
        return value->type != (of_type) || (double)(measure)relation said->number;                 \
    }

BOUND(check_min_length, WRIT_JSON_STRING, characters(value->text), >=)
BOUND(check_max_length, WRIT_JSON_STRING, characters(value->text), <=)
BOUND(check_min_items, WRIT_JSON_ARRAY, value->count, >=)
BOUND(check_max_items, WRIT_JSON_ARRAY, value->count, <=)
BOUND(check_minimum, WRIT_JSON_NUMBER, value->number, >=)
BOUND(check_maximum, WRIT_JSON_NUMBER, value->number, <=)
BOUND(check_above, WRIT_JSON_NUMBER, value->number, >)
BOUND(check_below, WRIT_JSON_NUMBER, value->number, <)

/* ---- The keywords ------------------------------------------------------------------------- */

/* Without a value check: an annotation, which the standard lets judge nothing. */
static const struct keyword {
    const char *name;
    form_check *is_formed;
    value_check *check;
} KEYWORDS[] = {
    {"type", is_types, check_type},
    {"enum", is_list, check_enum},
    {"const", is_anything, check_const},
    {"properties", is_properties, check_properties},
    {"required", is_names, check_required},
    {"additionalProperties", is_known, check_additional},
    {"items", is_known, check_items},
    {"minLength", is_size, check_min_length},
    {"maxLength", is_size, check_max_length},
    {"minItems", is_size, check_min_items},
    {"maxItems", is_size, check_max_items},
    {"minimum", is_number, check_minimum},
    {"maximum", is_number, check_maximum},
    {"exclusiveMinimum", is_number, check_above},
    {"exclusiveMaximum", is_number, check_below},
    {"allOf", is_schemas, check_all},
    {"anyOf", is_schemas, check_any},
    {"oneOf", is_schemas, check_one},
    {"title", is_anything, NULL},
    {"description", is_anything, NULL},
    {"default", is_anything, NULL},
    {"examples", is_anything, NULL},
    {"format", is_anything, NULL},
    {"deprecated", is_anything, NULL},
    {"readOnly", is_anything, NULL},
    {"writeOnly", is_anything, NULL},
    {"$schema", is_anything, NULL},
    {"$comment", is_anything, NULL},
};

static const struct keyword *keyword_of(struct writ_slice name)
{
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof KEYWORDS[0]; i++)
        if (writ_slice_is(name, KEYWORDS[i].name))
            return &KEYWORDS[i];
    return NULL;
}

static bool is_known(const struct writ_json *schema, struct judgement *judgement)
{
    if (schema->type == WRIT_JSON_BOOLEAN)
        return true;
    for (size_t i = 0; schema->type == WRIT_JSON_OBJECT && i < schema->count; i++) {
        const struct keyword *keyword = keyword_of(schema->names[i]);
        if (keyword && keyword->is_formed(&schema->items[i], judgement))
            continue;
        if (judgement->detail[0] == '\0')
            snprintf(judgement->detail, judgement->size,
                     "argument_schema: %.*s is not known here, or not well-formed",
                     WRIT_SLICE_ARGS(schema->names[i]));
        return false;
    }
    return schema->type == WRIT_JSON_OBJECT;
}

static bool allows(const struct writ_json *schema, const struct writ_json *value,
                   struct judgement *judgement)
{
    if (schema->type == WRIT_JSON_BOOLEAN)
        return schema->boolean;
    for (size_t i = 0; i < schema->count; i++) {
        const struct keyword *keyword = keyword_of(schema->names[i]);
        if (!keyword)
            return false; /* from a build that knew it */
        if (!keyword->check || keyword->check(schema, &schema->items[i], value, judgement))
            continue;
        if (judgement->size > 0 && judgement->detail[0] == '\0')
            snprintf(judgement->detail, judgement->size,
                     "%.*s%snot as %s of the tool's schema says",
                     WRIT_SLICE_ARGS(judgement->property), judgement->property.size > 0 ? ": " : "",
                     keyword->name);
        return false;
    }
    return true;
}

bool schema_is_known(const struct writ_json *schema, char *ret_detail, size_t size)
{
    struct judgement judgement = {.detail = ret_detail, .size = size};
    ret_detail[0] = '\0';
    return is_known(schema, &judgement);
}

bool schema_allows(const struct writ_json *schema, const struct writ_json *args, char *ret_detail,
                   size_t size)
{
    struct judgement judgement = {.detail = ret_detail, .size = size};
    ret_detail[0] = '\0';
    return allows(schema, args, &judgement);
}
