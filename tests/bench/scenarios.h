/* What is measured, a function a subject; each begins the names of its rows with its own. */
#ifndef WRIT_TESTS_BENCH_SCENARIOS_H
#define WRIT_TESTS_BENCH_SCENARIOS_H

#include "bench/play.h"

/* On the same house, one after the other. */
void measure_validate(struct house *house);
void measure_admit(struct house *house);
void measure_graph(struct house *house);
void measure_revoke(struct house *house);
/* On houses of their own in the cluster. */
void measure_rules(const struct postgres *cluster);
void measure_policies(const struct postgres *cluster);
void measure_growth(const struct postgres *cluster);

#endif
