/*
 * The heap with a switch: the nth allocation from now on fails, alone or with all that follow it.
 * heap.c stands in for the malloc of the whole process, that of glibc's own functions included.
 * Only what jansson allocates never fails: version 2.14 does not survive it (lib/json/json.c).
 * AddressSanitizer has its malloc in that place already; there only heap_new fails.
 */
#ifndef WRIT_TESTS_MEMORY_HEAP_H
#define WRIT_TESTS_MEMORY_HEAP_H

#include <stdbool.h>
#include <stddef.h>

enum heap_mode { HEAP_FAILS_ONCE, HEAP_FAILS_FROM_THEN_ON };

/* Once, before all else. */
void heap_start(void);
/* Counts from 1. */
void heap_arm(size_t nth, enum heap_mode mode);
/* Back to a heap that works; true when an allocation had failed. */
bool heap_disarm(void);
/* Blocks that were taken and not given back. */
size_t heap_live(void);

/* For fine_arena.c: malloc and free, with the switch in every build. */
void *heap_new(size_t size) __attribute__((malloc));
void heap_free(void *block);

#endif
