#include "uuid.h"

#include "base/crypto.h"

#include <string.h>

enum { RANDOM_BYTES = 8 };

/* Ids are no secrets, and there is one in each decision: the kernel is asked once for many. */
static void fill_random(uint8_t bytes[static RANDOM_BYTES])
{
    static _Thread_local uint8_t pool[64 * RANDOM_BYTES];
    static _Thread_local size_t left;
    if (left == 0) {
        writ_random(pool, sizeof pool);
        left = sizeof pool;
    }
    left -= RANDOM_BYTES;
    memcpy(bytes, pool + left, RANDOM_BYTES);
}

struct uuid uuid_new(int64_t unix_us)
{
    struct uuid id;
    fill_random(id.bytes + sizeof id.bytes - RANDOM_BYTES);
    const uint64_t ms = (uint64_t)(unix_us / 1000);
    for (size_t i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    /* RFC 9562 section 6.2 method 3: twelve bits of sub-millisecond time. */
    const uint64_t fraction = (uint64_t)(unix_us % 1000) * 4096 / 1000;
    id.bytes[6] = (uint8_t)(0x70 | (fraction >> 8));
    id.bytes[7] = (uint8_t)fraction;
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

void uuid_text(const struct uuid *id, char ret_text[static UUID_TEXT_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";
    char *out = ret_text;
    for (size_t i = 0; i < sizeof id->bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = DIGITS[id->bytes[i] >> 4];
        *out++ = DIGITS[id->bytes[i] & 15];
    }
    *out = '\0';
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(struct writ_slice text, struct uuid *ret_id)
{
    if (text.size != UUID_TEXT_SIZE - 1)
        return false;
    struct uuid id;
    size_t at = 0;
    for (size_t i = 0; i < sizeof id.bytes; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
            return false;
        const int high = digit(text.data[at]);
        const int low = digit(text.data[at + 1]);
        if (high < 0 || low < 0)
            return false;
        id.bytes[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *ret_id = id;
    return true;
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int uuid_compare(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

int64_t uuid_unix_us(const struct uuid *id)
{
    int64_t ms = 0;
    for (size_t i = 0; i < 6; i++)
        ms = ms << 8 | id->bytes[i];
    return ms * 1000;
}
