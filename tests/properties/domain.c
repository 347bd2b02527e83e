#include "domain.h"

#include <string.h>

#include "tally.h"

enum { CONSTRAINTS_MAX = 16384 };

static const char UNIVERSE[] =
    "[null,true,false,"
    "-1,0,-0,0.0,0.5,1,1.0,10e-1,1.25,1.5,15e-1,2,2.0,3,1e21,1000000000000000000000,"
    "9007199254740992,"
    "\"\",\"a\",\"\\u0061\",\"A\",\"b\",\"1\",\"1.0\",\"true\",\"null\",\"\\u00e9\",\"e\\u0301\","
    "\"/\",\"//\",\"/a\",\"/a/\",\"/a/b\",\"/a/b/c\",\"/ab\",\"/A\",\"/b\",\"a/b\",\"/a/.\","
    "\"/a/..\",\"/a/../b\",\"/a/./b\",\"/a//b\",\"/a/...\",\"/a/.b\",\"/a/%2e%2e/b\",\"/a%2Fb\","
    "\"/a/%25\",\"/a/%5cb\",\"/a\\\\b\",\"/a/\\u0001\",\"/a/\\u007f\",\"/a/%00\",\"/a/b \","
    "[],[\"a\"],[\"a\",\"a\"],[\"b\"],[\"a\",\"b\"],[\"b\",\"a\",\"b\"],[1],[1.0,1],[1,\"a\"],"
    "[[\"a\"]],[[\"a\"],\"a\"],[[\"a\",\"a\"]],[[]],[\"/a/b\"],[\"/a/b\",\"a\",1,2,\"/a\",[\"a\"]],"
    "[null],[2],[{}],[{\"x\":1}],"
    "{},{\"x\":1},{\"x\":1.0,\"y\":[]},{\"y\":[],\"x\":1}]";

static const char *const SCALARS[] = {
    "null",
    "true",
    "false",
    "-1",
    "0",
    "-0",
    "0.5",
    "1",
    "1.0",
    "1.5",
    "2",
    "3",
    "1e21",
    "9007199254740992",
    "\"\"",
    "\"a\"",
    "\"A\"",
    "\"b\"",
    "\"1\"",
    "\"true\"",
    "\"\\u00e9\"",
    "\"e\\u0301\"",
    "\"/\"",
    "\"/a\"",
    "\"/a/b\"",
    "\"/a/b/c\"",
    "\"/ab\"",
    "\"/b\"",
    "\"/a/../b\"",
    "\"/a/\"",
    "\"/a//b\"",
    "\"a/b\"",
    "\"/a/%2e%2e/b\"",
    "\"/a/.b\"",
};
static const char *const BOUNDS[] = {"0", "1", "1.5", "2"};
static const char *const ELEMENTS[] = {"\"a\"", "1", "2", "[\"a\"]", "\"/a\"", "\"/a/b\""};
static const char *const ROOTS[] = {"/", "/a", "/a/b", "/ab", "/b", "/a/.b"};
static const struct {
    const char *type;
    const char *member;
    bool may_be_empty;
} FAMILIES[] = {
    {"one_of", "values", false},
    {"not_one_of", "excluded", true},
    {"contains", "required", true},
    {"subset", "allowed", true},
};

#define TYPE(name) "{\"constraint_type\":\"" name "\""

/* Clauses of composites: of each type some, so that every cell of the table comes up below an `all`
 * and an `any`, with its yes and its no. The first twelve are those for three clauses, and the
 * first five those for depth 3. */
static const char *const SAMPLES[] = {
    TYPE("exact") ",\"value\":1}",
    TYPE("range") ",\"max\":1}",
    TYPE("one_of") ",\"values\":[1,\"a\"]}",
    TYPE("not_one_of") ",\"excluded\":[1]}",
    TYPE("wildcard") "}",
    TYPE("path_containment") ",\"root\":\"/a\"}",
    TYPE("subset") ",\"allowed\":[\"a\",1]}",
    TYPE("contains") ",\"required\":[\"a\"]}",
    TYPE("exact") ",\"value\":\"a\"}",
    TYPE("exact") ",\"value\":\"/a/b\"}",
    TYPE("exact") ",\"value\":\"/a/../b\"}",
    TYPE("exact") ",\"value\":null}",
    TYPE("range") ",\"max\":1,\"max_inclusive\":false}",
    TYPE("range") ",\"min\":0,\"max\":1}",
    TYPE("range") ",\"min\":1}",
    TYPE("range") "}",
    TYPE("one_of") ",\"values\":[\"a\"]}",
    TYPE("one_of") ",\"values\":[\"/a/b\",[\"a\"]]}",
    TYPE("not_one_of") ",\"excluded\":[\"a\",1]}",
    TYPE("not_one_of") ",\"excluded\":[]}",
    TYPE("contains") ",\"required\":[\"a\",1]}",
    TYPE("contains") ",\"required\":[]}",
    TYPE("subset") ",\"allowed\":[\"a\"]}",
    TYPE("subset") ",\"allowed\":[]}",
    TYPE("path_containment") ",\"root\":\"/\"}",
    TYPE("path_containment") ",\"root\":\"/a/b\"}",
    TYPE("any") ",\"constraints\":[" TYPE("exact") ",\"value\":1}]}",
    TYPE("all") ",\"constraints\":[" TYPE("exact") ",\"value\":1}]}",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct writ_json *parse(struct domain *domain, const char *text)
{
    const struct writ_json *json = NULL;
    if (!writ_is_ok(writ_json_parse(&domain->arena, writ_slice_text(text), &json)))
        ck_abort_msg("%s", text);
    return json;
}

const char *domain_text(struct domain *domain, const struct writ_json *json)
{
    return (const char *)writ_json_verbatim(&domain->arena, json).data;
}

struct domain_constraint domain_read(struct domain *domain, struct writ_arena *arena,
                                     const struct writ_json *json)
{
    struct domain_constraint constraint = {.json = json};
    if (!writ_is_ok(writ_constraint_parse(arena, json, WRIT_PROFILE_AAT_02_WRIT,
                                          WRIT_CONSTRAINT_DEPTH_MAX, true, &constraint.read)))
        ck_abort_msg("%s", domain_text(domain, json));
    /* What is accepted is asked of the whole universe, which so has to speak of all values. */
    const size_t universe = domain->world.count;
    domain->world.arena = arena;
    constraint.stated = draft_read(&domain->world, json);
    domain->world.arena = &domain->arena;
    MUST(domain->world.count == universe);
    constraint.accepted = draft_accepted(&domain->world, &constraint.stated);
    return constraint;
}

static void add(struct domain *domain, const char *text)
{
    MUST(domain->count < CONSTRAINTS_MAX);
    domain->constraints[domain->count++] = domain_read(domain, &domain->arena, parse(domain, text));
}

/* ---- Leaves ---------------------------------------------------------------------------------- */

static void add_exacts(struct domain *domain)
{
    for (size_t i = 0; i < COUNT(SCALARS); i++)
        add(domain, writ_arena_printf(&domain->arena, TYPE("exact") ",\"value\":%s}", SCALARS[i]));
}

/* 0: none; then each bound, inclusive and exclusive. */
static const char *bound(struct domain *domain, const char *name, size_t choice)
{
    if (choice == 0)
        return "";
    const size_t at = (choice - 1) / 2;
    const bool exclusive = choice % 2 == 0;
    return writ_arena_printf(&domain->arena,
                             exclusive ? ",\"%s\":%s,\"%s_inclusive\":false" : ",\"%s\":%s", name,
                             BOUNDS[at], name);
}

static void add_ranges(struct domain *domain)
{
    enum { CHOICES = 1 + 2 * COUNT(BOUNDS) };
    for (size_t min = 0; min < CHOICES; min++)
        for (size_t max = 0; max < CHOICES; max++)
            if (min == 0 || max == 0 || (min - 1) / 2 <= (max - 1) / 2)
                add(domain,
                    writ_arena_printf(&domain->arena, TYPE("range") "%s%s}",
                                      bound(domain, "min", min), bound(domain, "max", max)));
}

/* The elements whose bits are set. */
static const char *elements(struct domain *domain, size_t bits)
{
    const char *text = "";
    for (size_t i = 0; i < COUNT(ELEMENTS); i++)
        if (bits >> i & 1)
            text = writ_arena_printf(&domain->arena, "%s%s%s", text, text[0] ? "," : "",
                                     ELEMENTS[i]);
    return text;
}

static void add_sets(struct domain *domain)
{
    for (size_t family = 0; family < COUNT(FAMILIES); family++)
        for (size_t bits = FAMILIES[family].may_be_empty ? 0 : 1; bits < 1U << COUNT(ELEMENTS);
             bits++)
            add(domain,
                writ_arena_printf(&domain->arena, "{\"constraint_type\":\"%s\",\"%s\":[%s]}",
                                  FAMILIES[family].type, FAMILIES[family].member,
                                  elements(domain, bits)));
}

static void add_paths(struct domain *domain)
{
    for (size_t i = 0; i < COUNT(ROOTS); i++)
        add(domain, writ_arena_printf(&domain->arena, TYPE("path_containment") ",\"root\":\"%s\"}",
                                      ROOTS[i]));
}

static void add_leaves(struct domain *domain)
{
    add_exacts(domain);
    add_ranges(domain);
    add_sets(domain);
    add_paths(domain);
    add(domain, TYPE("wildcard") "}");
}

/* ---- Composites ------------------------------------------------------------------------------ */

static void add_composite(struct domain *domain, const char *const *clauses, size_t count)
{
    static const char *const TYPES[] = {"all", "any"};
    const char *text = clauses[0];
    for (size_t i = 1; i < count; i++)
        text = writ_arena_printf(&domain->arena, "%s,%s", text, clauses[i]);
    for (size_t type = 0; type < COUNT(TYPES); type++)
        add(domain,
            writ_arena_printf(&domain->arena, "{\"constraint_type\":\"%s\",\"constraints\":[%s]}",
                              TYPES[type], text));
}

static void add_singles(struct domain *domain, const char *const *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_composite(domain, &from[i], 1);
}

/* Every sequence of one or two of the clauses; the deepest level is content with one order. */
static void add_pairs(struct domain *domain, const char *const *from, size_t count, bool ordered)
{
    add_singles(domain, from, count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = ordered ? 0 : i; j < count; j++)
            add_composite(domain, (const char *const[]){from[i], from[j]}, 2);
}

static void add_triples(struct domain *domain, const char *const *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < count; k++)
                add_composite(domain, (const char *const[]){from[i], from[j], from[k]}, 3);
}

static void add_samples(struct domain *domain, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(domain, SAMPLES[i]);
}

/* All that the domain has so far, as clauses of one level more. */
static void add_level(struct domain *domain)
{
    const size_t count = domain->count;
    const char **clauses = writ_arena_array(&domain->arena, count, sizeof *clauses);
    MUST(clauses);
    for (size_t i = 0; i < count; i++)
        clauses[i] = domain_text(domain, domain->constraints[i].json);
    add_pairs(domain, clauses, count, false);
}

static void add_constraints(struct domain *domain, enum domain_size size)
{
    enum { FOR_DEPTH = 5, FOR_TRIPLES = 12, FOR_SMALL = 8 };
    switch (size) {
    case DOMAIN_LEAVES:
        add_leaves(domain);
        break;
    case DOMAIN_SMALL:
        add_samples(domain, COUNT(SAMPLES));
        add_pairs(domain, SAMPLES, FOR_SMALL, false);
        break;
    case DOMAIN_WIDE:
        add_leaves(domain);
        add_pairs(domain, SAMPLES, COUNT(SAMPLES), true);
        add_triples(domain, SAMPLES, FOR_TRIPLES);
        break;
    case DOMAIN_DEEP:
        add_samples(domain, FOR_DEPTH);
        add_pairs(domain, SAMPLES, FOR_DEPTH, true);
        add_level(domain);
        break;
    }
}

void domain_start(struct domain *domain, enum domain_size size)
{
    enum { ARENA_MAX = 1 << 28 };
    memset(domain, 0, sizeof *domain);
    writ_arena_init(&domain->arena, ARENA_MAX);
    draft_world_init(&domain->world, &domain->arena);
    domain->values = parse(domain, UNIVERSE);
    domain->value_ids = writ_arena_array(&domain->arena, domain->values->count,
                                         sizeof *domain->value_ids);
    domain->constraints = writ_arena_array(&domain->arena, CONSTRAINTS_MAX,
                                           sizeof *domain->constraints);
    MUST(domain->value_ids && domain->constraints);
    for (size_t i = 0; i < domain->values->count; i++)
        domain->value_ids[i] = draft_value(&domain->world, &domain->values->items[i]);
    add_constraints(domain, size);
}

void domain_done(struct domain *domain)
{
    writ_arena_done(&domain->arena);
}
