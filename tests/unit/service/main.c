/* All suites of the service in one program. `unit_service config` runs only the suites named. */
#include "suites.h"

#include "base/crypto.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *name;
    Suite *(*make)(void);
};

static const struct entry SUITES[] = {
#define X(name) {#name, suite_##name},
    SERVICE_SUITES(X)
#undef X
};

static bool is_wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count < 2;
}

int main(int argc, char **argv)
{
    if (!writ_is_ok(writ_crypto_start())) {
        fputs("writ_crypto_start failed\n", stderr);
        return EXIT_FAILURE;
    }
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof SUITES / sizeof SUITES[0]; i++)
        if (is_wanted(SUITES[i].name, argc, argv))
            srunner_add_suite(runner, SUITES[i].make());
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
