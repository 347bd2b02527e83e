#include "base/crypto.h"
#include "writ.h"

struct writ_result writ_start(void)
{
    return writ_crypto_start();
}
