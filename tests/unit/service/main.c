/* All suites of the service in one program. `unit_service config` runs only the suites named. */
#include "suites.h"

#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>

static const struct suite_entry SUITES[] = {SERVICE_SUITES(SUITE_ENTRY)};

int main(int argc, char **argv)
{
    if (!writ_is_ok(writ_crypto_start())) {
        fputs("writ_crypto_start failed\n", stderr);
        return EXIT_FAILURE;
    }
    return run_suites(SUITES, sizeof SUITES / sizeof SUITES[0], argc, argv);
}
