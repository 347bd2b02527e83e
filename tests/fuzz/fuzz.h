/*
 * What every target shares. A target is one function, `fuzz`, that reads what it is given by the
 * code under test and then asserts what must hold of any input: a crash is the least of it.
 *
 * Each input has an arena that takes every allocation from the heap (memory/fine_arena.c), so that
 * AddressSanitizer sees where each one ends.
 */
#ifndef WRIT_TESTS_FUZZ_FUZZ_H
#define WRIT_TESTS_FUZZ_FUZZ_H

#include "authority/authority.h"
#include "json/json.h"

#define OURS WRIT_PROFILE_AAT_02_WRIT
#define STRICT WRIT_PROFILE_AAT_02
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Comparing spends a purse (authority/internal.h) and refuses when it is empty. Inputs up to this
 * size can not empty it, and only of those may the laws of the comparison be asked. */
enum { FUZZ_COMPARABLE_BYTES = 1400 };

/* The target's own; `input` is a copy of exactly its size. */
void fuzz(struct writ_arena *arena, struct writ_slice input);

/* Ends the process with the place and the condition. */
#define FUZZ_HOLDS(condition) fuzz_holds(condition, #condition, __FILE__, __LINE__)
void fuzz_holds(bool holds, const char *condition, const char *file, int line);

/* The first byte, 0 where there is none; takes it off. */
uint8_t fuzz_take_byte(struct writ_slice *rest);
/* Up to the next newline, or all; takes it off, and the newline. */
struct writ_slice fuzz_take_line(struct writ_slice *rest);
/* Up to the next space likewise. */
struct writ_slice fuzz_take_word(struct writ_slice *rest);

/* NULL when it is not well-formed. A tools object in JSON, or else notation. */
const struct writ_authority *fuzz_authority(struct writ_arena *arena, struct writ_slice text,
                                            enum writ_profile profile);
const struct writ_json *fuzz_json(struct writ_arena *arena, struct writ_slice text);
/* Of the same RFC 8785 bytes. */
bool fuzz_same(struct writ_arena *arena, const struct writ_authority *a,
               const struct writ_authority *b);

#endif
