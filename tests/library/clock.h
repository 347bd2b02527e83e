/* Included before enforce.c, so that the example judges the published vectors: as of their time,
 * and under the strict profile. */
#include <stdlib.h>
#include <time.h>
#include <writ/writ.h>

#define time(unused) ((time_t)strtoll(getenv("NOW"), NULL, 10))
#define WRIT_PROFILE_AAT_02_WRIT WRIT_PROFILE_AAT_02
