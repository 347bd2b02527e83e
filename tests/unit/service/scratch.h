/* A pause, and private clusters in folders that go with the test. */
#ifndef WRIT_TESTS_UNIT_SERVICE_SCRATCH_H
#define WRIT_TESTS_UNIT_SERVICE_SCRATCH_H

#include "postgres/cluster.h"

void sleep_ms(long ms);
void remove_tree(const char *path);
struct writ_result start_cluster(const char *data_dir, struct cluster **ret_cluster);

#endif
