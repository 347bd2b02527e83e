#include "tally.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct sums {
    size_t properties;
    size_t cases;
} * sums;

bool tally_start(void)
{
    void *page = mmap(NULL, sizeof *sums, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                      0);
    sums = page == MAP_FAILED ? NULL : page;
    return sums != NULL;
}

void tally(size_t cases, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    printf("%12zu ", cases);
    vprintf(format, list);
    putchar('\n');
    va_end(list);
    fflush(stdout);
    sums->properties++;
    sums->cases += cases;
}

void tally_print(void)
{
    printf("%12zu cases of %zu properties\n", sums->cases, sums->properties);
    fflush(stdout);
}

bool is_fast(void)
{
    const char *fast = getenv("WRIT_TEST_FAST");
    return fast && strcmp(fast, "1") == 0;
}

size_t scaled(size_t whole, size_t fast)
{
    return is_fast() ? fast : whole;
}

uint64_t first_seed(void)
{
    const char *seed = getenv("WRIT_TEST_SEED");
    return seed ? strtoull(seed, NULL, 10) : 1;
}
