/* All unit suites in one program. `unit json jose` runs only the suites named. */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"
#include "writ.h"

static const struct suite_entry SUITES[] = {WRIT_SUITES(SUITE_ENTRY)};

int main(int argc, char **argv)
{
    if (!writ_is_ok(writ_start())) {
        fputs("writ_start failed\n", stderr);
        return EXIT_FAILURE;
    }
    return run_suites(SUITES, sizeof SUITES / sizeof SUITES[0], argc, argv);
}
