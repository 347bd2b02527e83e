/* Reading and writing one constraint: section 3.4, "a constraint is well-formed when". */
#include "authority/constraint.h"

#include "authority/internal.h"

struct reading {
    struct writ_arena *arena;
    enum writ_profile profile;
    int depth_left;
    const char *reason; /* of a refusal */
};

#define REFUSE_UNLESS(condition, why)                                                              \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            reading->reason = (why);                                                               \
            return WRIT_FAILURE(UNKNOWN_CONSTRAINT);                                               \
        }                                                                                          \
    } while (0)

static struct writ_result read_any_type(struct reading *reading, const struct writ_json *json,
                                        bool top, struct writ_constraint *ret_constraint);

static struct writ_result require_admissible(struct reading *reading, const struct writ_json *value)
{
    if (writ_json_all_admissible(value))
        return WRIT_SUCCESS;
    reading->reason = "a number in it does not survive RFC 8785";
    return WRIT_FAILURE(NON_CANONICAL);
}

static struct writ_result read_exact(struct reading *reading, const struct writ_json *json,
                                     struct writ_constraint *constraint)
{
    const struct writ_json *value = writ_json_get(json, "value");
    REFUSE_UNLESS(value && value->type < WRIT_JSON_ARRAY,
                  "value of exact is a text, number, boolean or null");
    WRIT_TRY(require_admissible(reading, value));
    constraint->value = value;
    return WRIT_SUCCESS;
}

static struct writ_result read_bound(struct reading *reading, const struct writ_json *json,
                                     const char *name, const char *inclusive_name,
                                     struct writ_bound *bound)
{
    const struct writ_json *number = writ_json_get(json, name);
    const struct writ_json *inclusive = writ_json_get(json, inclusive_name);
    REFUSE_UNLESS(!number || number->type == WRIT_JSON_NUMBER, "a bound of range is a number");
    REFUSE_UNLESS(!inclusive || (number && inclusive->type == WRIT_JSON_BOOLEAN),
                  "inclusiveness is a boolean and stands only with its bound");
    if (!number)
        return WRIT_SUCCESS;
    WRIT_TRY(require_admissible(reading, number));
    *bound = (struct writ_bound){true, !inclusive || inclusive->boolean, number};
    return WRIT_SUCCESS;
}

static struct writ_result read_range(struct reading *reading, const struct writ_json *json,
                                     struct writ_constraint *constraint)
{
    WRIT_TRY(read_bound(reading, json, "min", "min_inclusive", &constraint->min));
    WRIT_TRY(read_bound(reading, json, "max", "max_inclusive", &constraint->max));
    const bool both = constraint->min.present && constraint->max.present;
    REFUSE_UNLESS(!both || !(constraint->min.number->number > constraint->max.number->number),
                  "min is greater than max");
    return WRIT_SUCCESS;
}

static struct writ_result read_set(struct reading *reading, const struct writ_json *json,
                                   const char *member, struct writ_constraint *constraint)
{
    const struct writ_json *array = writ_json_get(json, member);
    REFUSE_UNLESS(writ_json_is(array, WRIT_JSON_ARRAY), "its values are an array");
    WRIT_TRY(require_admissible(reading, array));
    constraint->values = writ_set_of(reading->arena, array);
    WRIT_ENSURE(constraint->values, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result read_one_of(struct reading *reading, const struct writ_json *json,
                                      struct writ_constraint *constraint)
{
    WRIT_TRY(read_set(reading, json, "values", constraint));
    REFUSE_UNLESS(constraint->values->count > 0, "one_of has no values");
    return WRIT_SUCCESS;
}

static struct writ_result read_not_one_of(struct reading *reading, const struct writ_json *json,
                                          struct writ_constraint *constraint)
{
    return read_set(reading, json, "excluded", constraint);
}

static struct writ_result read_contains(struct reading *reading, const struct writ_json *json,
                                        struct writ_constraint *constraint)
{
    return read_set(reading, json, "required", constraint);
}

static struct writ_result read_subset(struct reading *reading, const struct writ_json *json,
                                      struct writ_constraint *constraint)
{
    return read_set(reading, json, "allowed", constraint);
}

/* all and any: an empty one would accept everything, or nothing, while it looks like a rule. */
static struct writ_result read_clauses(struct reading *reading, const struct writ_json *json,
                                       struct writ_constraint *constraint)
{
    const struct writ_json *array = writ_json_get(json, "constraints");
    REFUSE_UNLESS(writ_json_is(array, WRIT_JSON_ARRAY), "its constraints are an array");
    REFUSE_UNLESS(array->count > 0, "it has no constraints");
    struct writ_constraint *clauses = writ_arena_array(reading->arena, array->count,
                                                       sizeof *clauses);
    WRIT_ENSURE(clauses, OUT_OF_MEMORY);
    reading->depth_left--;
    for (size_t i = 0; i < array->count; i++)
        WRIT_TRY(read_any_type(reading, &array->items[i], false, &clauses[i]));
    reading->depth_left++;
    constraint->clauses = clauses;
    constraint->clause_count = array->count;
    return WRIT_SUCCESS;
}

static struct writ_result read_path(struct reading *reading, const struct writ_json *json,
                                    struct writ_constraint *constraint)
{
    const struct writ_json *root = writ_json_get(json, "root");
    REFUSE_UNLESS(writ_json_is(root, WRIT_JSON_STRING) && writ_path_is_normal(root->text),
                  "root is not an absolute, normal path");
    constraint->value = root;
    return WRIT_SUCCESS;
}

static const char *const NAMES[] = {
#define X(name, text) text,
    WRIT_CONSTRAINT_TYPES(X)
#undef X
};

/* Each type with all the members that it may have. */
static const struct shape {
    const char *members[8];
    struct writ_result (*parse)(struct reading *reading, const struct writ_json *json,
                                struct writ_constraint *constraint);
} SHAPES[] = {
#define COMMON "constraint_type", "optional"
    [WRIT_CONSTRAINT_EXACT] = {{COMMON, "value"}, read_exact},
    [WRIT_CONSTRAINT_RANGE] = {{COMMON, "min", "max", "min_inclusive", "max_inclusive"},
                               read_range},
    [WRIT_CONSTRAINT_ONE_OF] = {{COMMON, "values"}, read_one_of},
    [WRIT_CONSTRAINT_NOT_ONE_OF] = {{COMMON, "excluded"}, read_not_one_of},
    [WRIT_CONSTRAINT_CONTAINS] = {{COMMON, "required"}, read_contains},
    [WRIT_CONSTRAINT_SUBSET] = {{COMMON, "allowed"}, read_subset},
    [WRIT_CONSTRAINT_WILDCARD] = {{COMMON}, NULL},
    [WRIT_CONSTRAINT_ALL] = {{COMMON, "constraints"}, read_clauses},
    [WRIT_CONSTRAINT_ANY] = {{COMMON, "constraints"}, read_clauses},
    [WRIT_CONSTRAINT_PATH_CONTAINMENT] = {{COMMON, "root"}, read_path},
#undef COMMON
};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof SHAPES[0] };

const char *writ_constraint_type_name(enum writ_constraint_type type)
{
    return NAMES[type];
}

static size_t shape_of(struct writ_slice name, enum writ_profile profile)
{
    size_t i = 0;
    while (i < SHAPE_COUNT && !writ_slice_is(name, NAMES[i]))
        i++;
    const bool foreign = i == WRIT_CONSTRAINT_PATH_CONTAINMENT &&
                         profile != WRIT_PROFILE_AAT_02_WRIT;
    return foreign ? SHAPE_COUNT : i;
}

/* A verifier of the wrong profile is the likelier mistake than a type that nobody has. */
static const char *not_known(struct writ_slice name)
{
    return writ_slice_is(name, NAMES[WRIT_CONSTRAINT_PATH_CONTAINMENT])
               ? "path_containment is a type of profile aat-02+writ and unknown to aat-02"
               : "its constraint_type is not known";
}

static struct writ_result read_any_type(struct reading *reading, const struct writ_json *json,
                                        bool top, struct writ_constraint *ret_constraint)
{
    REFUSE_UNLESS(reading->depth_left > 0, "constraints are nested too deep");
    REFUSE_UNLESS(writ_json_is(json, WRIT_JSON_OBJECT), "a constraint is an object");
    const struct writ_json *type = writ_json_get(json, "constraint_type");
    REFUSE_UNLESS(writ_json_is(type, WRIT_JSON_STRING), "constraint_type is missing or no text");
    const size_t index = shape_of(type->text, reading->profile);
    REFUSE_UNLESS(index < SHAPE_COUNT, not_known(type->text));
    const struct shape *shape = &SHAPES[index];
    REFUSE_UNLESS(writ_json_only(json, shape->members), "it has a member that is not known");
    const struct writ_json *optional = writ_json_get(json, "optional");
    REFUSE_UNLESS(!optional || (top && optional->type == WRIT_JSON_BOOLEAN),
                  "optional is a boolean and never nested");
    struct writ_constraint constraint = {
        .type = (enum writ_constraint_type)index,
        .optional = optional && optional->boolean,
    };
    if (shape->parse)
        WRIT_TRY(shape->parse(reading, json, &constraint));
    *ret_constraint = constraint;
    return WRIT_SUCCESS;
}

struct writ_result writ_constraint_read(struct writ_arena *arena, const struct writ_json *json,
                                        enum writ_profile profile, int max_depth, bool top,
                                        struct writ_constraint *ret_constraint,
                                        const char **ret_reason)
{
    struct reading reading = {arena, profile, max_depth, "out of memory"};
    const struct writ_result result = read_any_type(&reading, json, top, ret_constraint);
    if (!writ_is_ok(result))
        *ret_reason = reading.reason;
    return result;
}

struct writ_result writ_constraint_parse(struct writ_arena *arena, const struct writ_json *json,
                                         enum writ_profile profile, int max_depth, bool top,
                                         struct writ_constraint *ret_constraint)
{
    const char *reason = NULL;
    return writ_constraint_read(arena, json, profile, max_depth, top, ret_constraint, &reason);
}

static struct writ_json *put_bound(struct writ_arena *arena, struct writ_json *object,
                                   const struct writ_bound *bound, const char *name,
                                   const char *inclusive_name)
{
    if (!bound->present)
        return object;
    if (!writ_json_put(arena, object, name, bound->number))
        return NULL;
    if (!bound->inclusive && !writ_json_put_boolean(arena, object, inclusive_name, false))
        return NULL;
    return object;
}

static struct writ_json *put_clauses(struct writ_arena *arena, struct writ_json *object,
                                     const struct writ_constraint *constraint)
{
    struct writ_json *array = writ_json_put_array(arena, object, "constraints");
    for (size_t i = 0; i < constraint->clause_count; i++) {
        const struct writ_json *clause = writ_constraint_json(arena, &constraint->clauses[i]);
        if (!clause || !writ_json_add(arena, array, clause))
            return NULL;
    }
    return array;
}

static struct writ_json *put_members(struct writ_arena *arena, struct writ_json *object,
                                     const struct writ_constraint *constraint)
{
    switch (constraint->type) {
    case WRIT_CONSTRAINT_WILDCARD:
        return object;
    case WRIT_CONSTRAINT_RANGE:
        if (!put_bound(arena, object, &constraint->min, "min", "min_inclusive"))
            return NULL;
        return put_bound(arena, object, &constraint->max, "max", "max_inclusive");
    case WRIT_CONSTRAINT_ALL:
    case WRIT_CONSTRAINT_ANY:
        return put_clauses(arena, object, constraint);
    default:
        /* The third member of the shape is the one that holds the value or the values. */
        return writ_json_put(arena, object, SHAPES[constraint->type].members[2],
                             constraint->value ? constraint->value : constraint->values);
    }
}

struct writ_json *writ_constraint_json(struct writ_arena *arena,
                                       const struct writ_constraint *constraint)
{
    struct writ_json *object = writ_json_new_object(arena);
    if (!writ_json_put_string(arena, object, "constraint_type", NAMES[constraint->type]))
        return NULL;
    if (constraint->optional && !writ_json_put_boolean(arena, object, "optional", true))
        return NULL;
    return put_members(arena, object, constraint) ? object : NULL;
}
