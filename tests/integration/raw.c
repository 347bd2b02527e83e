#include "raw.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int raw_dial(const struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(descriptor >= 0);
    ck_assert_int_eq(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    return descriptor;
}

void raw_send(int descriptor, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t sent = send(descriptor, text, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* refused half-way: the answer says why */
        text += sent;
        size -= (size_t)sent;
    }
}

int raw_status(int descriptor, double timeout_s, bool *ret_closed)
{
    char text[8192];
    size_t used = 0;
    const double end = seconds_now() + timeout_s;
    *ret_closed = false;
    while (used + 1 < sizeof text && seconds_now() < end) {
        struct pollfd ready = {descriptor, POLLIN, 0};
        if (poll(&ready, 1, 50) <= 0)
            continue;
        const ssize_t got = recv(descriptor, text + used, sizeof text - 1 - used, 0);
        if (got <= 0) {
            *ret_closed = true;
            break;
        }
        used += (size_t)got;
    }
    text[used] = '\0';
    return used > 12 ? (int)strtol(text + 9, NULL, 10) : -1;
}

const char *raw_credentials(const struct client *client)
{
    const struct writ_slice text = writ_slice_text(plain("%s:%s", client->id, client->secret));
    static const char ALPHABET[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char basic[512];
    size_t used = 0;
    for (size_t i = 0; i < text.size; i += 3) {
        const size_t left = text.size - i;
        const uint32_t bits = (uint32_t)text.data[i] << 16 |
                              (left > 1 ? (uint32_t)text.data[i + 1] << 8 : 0) |
                              (left > 2 ? text.data[i + 2] : 0);
        for (size_t j = 0; j < 4; j++)
            basic[used++] = j > left ? '=' : ALPHABET[bits >> (18 - 6 * j) & 63];
    }
    basic[used] = '\0';
    return plain("%s", basic);
}
