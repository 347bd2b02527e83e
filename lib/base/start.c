#include "base/crypto.h"
#include "writ.h"

const char *writ_version(void)
{
    return WRIT_VERSION;
}

struct writ_result writ_start(void)
{
    return writ_crypto_start();
}
