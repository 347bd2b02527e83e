/*
 * The properties that make Writ sound, over finite domains that are exhausted and over random
 * authorities: no child accepts what its parent does not, and what the draft's closed table does
 * not say, the code does not say. `properties meets random` runs only the suites named.
 *
 *   draft.h         sections 3.4, 4.5 and 8 (4p, 6b) of AAT-02, stated apart from lib/authority
 *   design.h        the table of writ_terms of DESIGN section 2, stated apart from lib/token
 *   domain.h        the values and constraints that are enumerated; domain_tools.h authorities and
 *                   calls; domain_terms.h what links say; each test_NAME.c begins with its space
 *   trial.h         random authorities; shrink.h makes a failing case of them small
 *
 * WRIT_TEST_SEED is where random properties begin; WRIT_TEST_FAST=1 takes smaller domains.
 */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"
#include "tally.h"
#include "writ.h"

static const struct suite_entry SUITES[] = {WRIT_PROPERTY_SUITES(SUITE_ENTRY)};

int main(int argc, char **argv)
{
    if (!writ_is_ok(writ_start()) || !tally_start()) {
        fputs("properties: cannot start\n", stderr);
        return EXIT_FAILURE;
    }
    const int status = run_suites(SUITES, sizeof SUITES / sizeof SUITES[0], argc, argv);
    tally_print();
    return status;
}
