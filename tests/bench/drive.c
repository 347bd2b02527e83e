#include "bench/drive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_FIRST = 4096, EVENTS = 256, STALLED_MS = 30000 };

struct connection {
    int socket;
    double began_s;
    double arrived_s; /* the bytes that were read last */
    char *answer;
    size_t held, capacity;
};

struct drive {
    int port;
    int epoll;
    size_t count;
    struct connection connections[];
};

static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static double seconds_of(const struct timespec *time)
{
    return (double)time->tv_sec + (double)time->tv_nsec * 1e-9;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds_of(&now);
}

static void dial(struct drive *drive, struct connection *connection)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)drive->port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    const int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(connection->socket >= 0 &&
             connect(connection->socket, (struct sockaddr *)&address, sizeof address) == 0 &&
             setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
             setsockopt(connection->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0 &&
             fcntl(connection->socket, F_SETFL, O_NONBLOCK) == 0 &&
             epoll_ctl(drive->epoll, EPOLL_CTL_ADD, connection->socket, &event) == 0,
         "connect");
    connection->capacity = ANSWER_FIRST;
    connection->answer = malloc(ANSWER_FIRST);
    must(connection->answer != NULL, "memory");
}

/* The clients of a service are elsewhere, as a rule: here too, an answer to one of them shall not
 * take the processor from the service at once. */
static void yield_to_service(void)
{
    must(sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &(struct sched_param){0}) == 0,
         "scheduling");
}

struct drive *drive_open(int port, size_t connections)
{
    yield_to_service();
    struct drive *drive = calloc(1, sizeof *drive + connections * sizeof drive->connections[0]);
    must(drive != NULL, "memory");
    drive->port = port;
    drive->count = connections;
    drive->epoll = epoll_create1(EPOLL_CLOEXEC);
    must(drive->epoll >= 0, "epoll");
    for (size_t i = 0; i < connections; i++)
        dial(drive, &drive->connections[i]);
    return drive;
}

struct drive *drive_close(struct drive *drive)
{
    for (size_t i = 0; i < drive->count; i++) {
        close(drive->connections[i].socket);
        free(drive->connections[i].answer);
    }
    close(drive->epoll);
    free(drive);
    return NULL;
}

/* A request fits the socket's buffer, but for large bodies; those are written to their end. */
static void send_next(struct connection *connection, const struct writ_slice *request)
{
    connection->held = 0;
    connection->began_s = now_s();
    for (size_t sent = 0; sent < request->size;) {
        const ssize_t wrote = send(connection->socket, request->data + sent, request->size - sent,
                                   MSG_NOSIGNAL);
        must(wrote > 0 || errno == EAGAIN, "send");
        if (wrote > 0)
            sent += (size_t)wrote;
    }
}

/* The size of the whole answer, as far as it is known; 0: not yet. */
static size_t answer_size(const struct connection *connection)
{
    const char *end = memmem(connection->answer, connection->held, "\r\n\r\n", 4);
    if (!end)
        return 0;
    const size_t head = (size_t)(end - connection->answer) + 4;
    for (const char *line = connection->answer; line < end;) {
        static const char NAME[] = "Content-Length:";
        if (strncasecmp(line, NAME, sizeof NAME - 1) == 0)
            return head + strtoul(line + sizeof NAME - 1, NULL, 10);
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        line = next ? next + 2 : end;
    }
    return head;
}

static void count(struct drive_result *result, const struct connection *connection, int wanted)
{
    const int status = (int)strtol(connection->answer + 9, NULL, 10);
    result->each_us[result->answered++] = (connection->arrived_s - connection->began_s) * 1e6;
    if (status == wanted) {
        result->good++;
        result->last_good_s = connection->arrived_s;
        return;
    }
    if (result->other != 0)
        return;
    const char *body = memmem(connection->answer, connection->held, "\r\n\r\n", 4);
    result->other = status;
    snprintf(result->what, sizeof result->what, "%.*s",
             (int)(connection->answer + connection->held - (body + 4)), body + 4);
}

/* When the message came, by the kernel: the load may have had to wait for its turn to read it. */
static double arrival_s(struct msghdr *message)
{
    struct timespec arrived, now;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&arrived, CMSG_DATA(part), sizeof arrived);
        clock_gettime(CLOCK_REALTIME, &now);
        return now_s() - (seconds_of(&now) - seconds_of(&arrived));
    }
    return now_s();
}

static ssize_t read_some(struct connection *connection)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr aligned;
    } control;
    struct iovec room = {connection->answer + connection->held,
                         connection->capacity - connection->held};
    struct msghdr message = {
        .msg_iov = &room,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    const ssize_t got = recvmsg(connection->socket, &message, 0);
    if (got > 0)
        connection->arrived_s = arrival_s(&message);
    return got;
}

/* True when the answer is whole. */
static bool receive(struct connection *connection)
{
    for (;;) {
        if (connection->held == connection->capacity) {
            connection->capacity *= 2;
            connection->answer = realloc(connection->answer, connection->capacity);
            must(connection->answer != NULL, "memory");
        }
        const ssize_t got = read_some(connection);
        if (got < 0 && errno == EAGAIN)
            return false;
        must(got > 0, "the service closed a connection");
        connection->held += (size_t)got;
        const size_t size = answer_size(connection);
        if (size > 0 && connection->held >= size)
            return true;
    }
}

static void make_room(struct drive_result *result, size_t more)
{
    if (result->answered + more <= result->capacity)
        return;
    result->capacity = (result->answered + more) * 2;
    result->each_us = realloc(result->each_us, result->capacity * sizeof *result->each_us);
    must(result->each_us != NULL, "memory");
}

void drive_run(struct drive *drive, const struct writ_slice *requests, size_t request_count,
               int wanted, struct drive_result *result)
{
    make_room(result, request_count);
    const size_t first = result->answered;
    const double began_s = now_s();
    size_t next = 0;
    for (size_t i = 0; i < drive->count && next < request_count; i++)
        send_next(&drive->connections[i], &requests[next++]);
    while (result->answered - first < request_count) {
        struct epoll_event events[EVENTS];
        const int ready = epoll_wait(drive->epoll, events, EVENTS, STALLED_MS);
        must(ready > 0, "no answer in 30 s");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!receive(connection))
                continue;
            count(result, connection, wanted);
            if (next < request_count)
                send_next(connection, &requests[next++]);
        }
    }
    result->took_s += now_s() - began_s;
}

static int order(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double drive_quantile_us(struct drive_result *result, double share)
{
    if (result->answered == 0)
        return 0;
    qsort(result->each_us, result->answered, sizeof result->each_us[0], order);
    const size_t index = (size_t)(share * (double)(result->answered - 1) + 0.5);
    return result->each_us[index];
}

void drive_result_done(struct drive_result *result)
{
    free(result->each_us);
    *result = (struct drive_result){0};
}
