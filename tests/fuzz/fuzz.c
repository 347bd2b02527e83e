#include "fuzz.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void fuzz_holds(bool holds, const char *condition, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* forge.c asserts through libcheck, which works only within its runner; these stand in for it. */
void _mark_point(const char *file, int line)
{
    (void)file, (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expression, const char *message, ...)
{
    (void)message;
    fuzz_holds(false, expression, file, line);
    abort();
}

static struct writ_slice take_until(struct writ_slice *rest, uint8_t mark)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, mark, rest->size) : NULL;
    const size_t size = end ? (size_t)(end - rest->data) : rest->size;
    const struct writ_slice taken = writ_slice_of(rest->data, size);
    const size_t skipped = end ? size + 1 : size;
    if (skipped > 0)
        *rest = writ_slice_of(rest->data + skipped, rest->size - skipped);
    return taken;
}

uint8_t fuzz_take_byte(struct writ_slice *rest)
{
    if (rest->size == 0)
        return 0;
    const uint8_t byte = rest->data[0];
    *rest = writ_slice_of(rest->data + 1, rest->size - 1);
    return byte;
}

struct writ_slice fuzz_take_line(struct writ_slice *rest)
{
    return take_until(rest, '\n');
}

struct writ_slice fuzz_take_word(struct writ_slice *rest)
{
    return take_until(rest, ' ');
}

const struct writ_json *fuzz_json(struct writ_arena *arena, struct writ_slice text)
{
    const struct writ_json *value = NULL;
    return writ_is_ok(writ_json_parse(arena, text, &value)) ? value : NULL;
}

const struct writ_authority *fuzz_authority(struct writ_arena *arena, struct writ_slice text,
                                            enum writ_profile profile)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    const bool is_json = text.size > 0 && text.data[0] == '{';
    const struct writ_result read = is_json ? writ_authority_parse(arena, text, profile, &authority,
                                                                   &denial)
                                            : writ_authority_from_notation(arena, text, &authority,
                                                                           &denial);
    FUZZ_HOLDS(writ_is_ok(read) == (authority != NULL));
    return authority;
}

bool fuzz_same(struct writ_arena *arena, const struct writ_authority *a,
               const struct writ_authority *b)
{
    return writ_slice_equal(writ_authority_json(arena, a), writ_authority_json(arena, b));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    FUZZ_HOLDS(writ_is_ok(writ_start()));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    fuzz(&arena, writ_slice_of(data, size));
    writ_arena_done(&arena);
    return 0;
}
