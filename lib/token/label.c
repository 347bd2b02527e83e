/* Labels, and the sets of texts they and the terms are made of. */
#include "token/sets.h"
#include "token/terms.h"

#include <stdlib.h>

static const char *const CONFIDENTIALITY[] = {"public", "internal", "confidential", "restricted",
                                              NULL};
static const char *const INTEGRITY[] = {"trusted", "untrusted", NULL};
static const char *const MEMBERS[] = {"confidentiality", "integrity", "categories", NULL};

const struct writ_json writ_empty_array = {.type = WRIT_JSON_ARRAY};

bool writ_is_names(const struct writ_json *value)
{
    if (!writ_json_is_texts(value) || value->count > WRIT_TERMS_MAX)
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (value->items[i].text.size == 0)
            return false;
    return true;
}

bool writ_array_has(const struct writ_json *set, const struct writ_json *element)
{
    for (size_t i = 0; i < set->count; i++)
        if (writ_json_equal(&set->items[i], element))
            return true;
    return false;
}

bool writ_names_have(const struct writ_json *names, struct writ_slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (writ_slice_equal(names->items[i].text, name))
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return writ_slice_compare(*(const struct writ_slice *)a, *(const struct writ_slice *)b);
}

struct writ_json *writ_names_union(struct writ_arena *arena, const struct writ_json *a,
                                   const struct writ_json *b)
{
    const size_t count = a->count + b->count;
    struct writ_slice *names = writ_arena_array(arena, count, sizeof *names);
    struct writ_json *all = writ_json_new_array(arena);
    if (!names || !all)
        return NULL;
    for (size_t i = 0; i < count; i++)
        names[i] = (i < a->count ? a->items[i] : b->items[i - a->count]).text;
    qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && writ_slice_equal(names[i - 1], names[i]))
            continue;
        if (!writ_json_add_text(arena, all, names[i]))
            return NULL;
    }
    return all;
}

/* The place of a member's text in `words`; `absent` without the member; -1 for any other value. */
static int read_word(const struct writ_json *json, const char *name, const char *const *words,
                     int absent)
{
    const struct writ_json *value = writ_json_get(json, name);
    if (!value)
        return absent;
    for (int i = 0; words[i]; i++)
        if (writ_slice_is(writ_json_text(value), words[i]))
            return i;
    return -1;
}

struct writ_result writ_label_read(struct writ_arena *arena, const struct writ_json *json,
                                   struct writ_label *ret_label)
{
    WRIT_ENSURE(writ_json_only(json, MEMBERS), MALFORMED);
    const int level = read_word(json, "confidentiality", CONFIDENTIALITY, WRIT_LABEL_PUBLIC);
    const int integrity = read_word(json, "integrity", INTEGRITY, WRIT_LABEL_UNTRUSTED);
    const struct writ_json *categories = writ_json_get(json, "categories");
    if (!categories)
        categories = &writ_empty_array;
    WRIT_ENSURE(level >= 0 && integrity >= 0 && writ_is_names(categories), MALFORMED);

    const struct writ_json *sorted = writ_names_union(arena, categories, &writ_empty_array);
    WRIT_ENSURE(sorted, OUT_OF_MEMORY);
    *ret_label = (struct writ_label){
        .confidentiality = (enum writ_confidentiality)level,
        .integrity = (enum writ_integrity)integrity,
        .categories = sorted,
    };
    return WRIT_SUCCESS;
}

bool writ_label_within(const struct writ_label *a, const struct writ_label *b)
{
    if (a->confidentiality > b->confidentiality || a->integrity > b->integrity)
        return false;
    for (size_t i = 0; i < a->categories->count; i++)
        if (!writ_names_have(b->categories, a->categories->items[i].text))
            return false;
    return true;
}

struct writ_json *writ_label_json(struct writ_arena *arena, const struct writ_label *label)
{
    struct writ_json *json = writ_json_new_object(arena);
    const bool whole = writ_json_put_string(arena, json, "confidentiality",
                                            CONFIDENTIALITY[label->confidentiality]) &&
                       writ_json_put_string(arena, json, "integrity",
                                            INTEGRITY[label->integrity]) &&
                       writ_json_put(arena, json, "categories",
                                     label->categories ? label->categories : &writ_empty_array);
    return whole ? json : NULL;
}
