#include "heap.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool armed;
static bool struck;
static size_t countdown; /* allocations up to the one that fails, itself included */
static enum heap_mode failing;
static size_t live;
static struct code {
    uintptr_t begin;
    size_t size;
} jansson;

void heap_arm(size_t nth, enum heap_mode mode)
{
    countdown = nth;
    failing = mode;
    struck = false;
    armed = true;
}

bool heap_disarm(void)
{
    armed = false;
    return struck;
}

size_t heap_live(void)
{
    return live;
}

/* ---- Whose allocation it is ------------------------------------------------------------------ */

static int find_code(struct dl_phdr_info *library, size_t size, void *context)
{
    (void)size;
    if (!strstr(library->dlpi_name, "libjansson"))
        return 0;
    for (size_t i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &library->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X))
            *(struct code *)context = (struct code){library->dlpi_addr + segment->p_vaddr,
                                                    segment->p_memsz};
    }
    return 1;
}

void heap_start(void)
{
    dl_iterate_phdr(find_code, &jansson);
}

static bool is_of_jansson(const void *caller)
{
    return (uintptr_t)caller - jansson.begin < jansson.size;
}

static bool strikes(const void *caller)
{
    if (!armed || is_of_jansson(caller))
        return false;
    if (countdown > 0)
        countdown--;
    if (countdown > 0 || (struck && failing == HEAP_FAILS_ONCE))
        return false;
    struck = true;
    return true;
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

/* gcc defines the first, clang knows the second. */
#if defined(__SANITIZE_ADDRESS__)
#define MALLOC_IS_TAKEN 1
#elif defined(__has_feature)
#define MALLOC_IS_TAKEN __has_feature(address_sanitizer)
#else
#define MALLOC_IS_TAKEN 0
#endif

#if MALLOC_IS_TAKEN

void *heap_new(size_t size)
{
    return strikes(NULL) ? NULL : counted(malloc(size));
}

void heap_free(void *block)
{
    live -= block != NULL;
    free(block);
}

#else

/* What glibc's own names stand for; no header declares them. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

#define INTERPOSED __attribute__((visibility("default")))

static void *refused(void)
{
    errno = ENOMEM;
    return NULL;
}

INTERPOSED void *malloc(size_t size)
{
    return strikes(__builtin_return_address(0)) ? refused() : counted(__libc_malloc(size));
}

INTERPOSED void *calloc(size_t count, size_t size)
{
    return strikes(__builtin_return_address(0)) ? refused() : counted(__libc_calloc(count, size));
}

/* A block that moves stays one block. */
INTERPOSED void *realloc(void *block, size_t size)
{
    if (size > 0 && strikes(__builtin_return_address(0)))
        return refused();
    void *moved = __libc_realloc(block, size);
    if (!block)
        return counted(moved);
    live -= size == 0;
    return moved;
}

INTERPOSED void *aligned_alloc(size_t alignment, size_t size)
{
    return strikes(__builtin_return_address(0)) ? refused()
                                                : counted(__libc_memalign(alignment, size));
}

INTERPOSED void *memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

INTERPOSED int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    void *block = aligned_alloc(alignment, size);
    if (!block)
        return ENOMEM;
    *ret_block = block;
    return 0;
}

INTERPOSED void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

void *heap_new(size_t size)
{
    return malloc(size);
}

void heap_free(void *block)
{
    free(block);
}

#endif
