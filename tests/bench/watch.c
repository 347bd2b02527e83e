#include "bench/watch.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FAMILIES_MAX = 4, SEEN_MAX = 4096, SHOWN = 3 };

static pid_t families[FAMILIES_MAX];
static size_t family_count;

struct seen {
    pid_t pid;
    char name[32];
    double cpu_s;
};
static struct seen seen[SEEN_MAX];
static size_t seen_count;
static double seen_at_s;

static double seconds(const struct timespec *time)
{
    return (double)time->tv_sec + (double)time->tv_nsec * 1e-9;
}

static double clock_s(clockid_t clock)
{
    struct timespec time = {0};
    return clock_gettime(clock, &time) == 0 ? seconds(&time) : 0;
}

static size_t read_text(const char *path, char *ret_text, size_t size)
{
    FILE *file = fopen(path, "r");
    const size_t got = file ? fread(ret_text, 1, size - 1, file) : 0;
    ret_text[got] = '\0';
    if (file)
        fclose(file);
    return got;
}

/* ---- One process ---------------------------------------------------------------------------- */

double watch_process_s(pid_t pid)
{
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) == 0 ? clock_s(clock) : 0;
}

double watch_thread_s(void)
{
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

/* Of its children that it has waited for. */
static double ended_s(pid_t pid)
{
    char path[64];
    char text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_text(path, text, sizeof text);
    const char *past_name = strrchr(text, ')');
    if (!past_name ||
        sscanf(past_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double watch_family_s(pid_t pid)
{
    char path[64];
    char text[8192];
    double sum_s = watch_process_s(pid) + ended_s(pid);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    read_text(path, text, sizeof text);
    for (char *at = text, *next = NULL;; at = next) {
        const long child = strtol(at, &next, 10);
        if (next == at)
            return sum_s;
        sum_s += watch_process_s((pid_t)child);
    }
}

/* ---- The machine ---------------------------------------------------------------------------- */

void watch_own(pid_t family)
{
    if (family_count < FAMILIES_MAX)
        families[family_count++] = family;
}

static double busy_s(void)
{
    char text[512];
    unsigned long user = 0, nice = 0, system = 0, irq = 0, softirq = 0, steal = 0;
    read_text("/proc/stat", text, sizeof text);
    if (sscanf(text, "cpu %lu %lu %lu %*u %*u %lu %lu %lu", &user, &nice, &system, &irq, &softirq,
               &steal) != 6)
        return 0;
    return (double)(user + nice + system + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
}

void watch_machine(struct watch_machine *ret_machine)
{
    double ours_s = watch_family_s(getpid());
    for (size_t i = 0; i < family_count; i++)
        ours_s += watch_family_s(families[i]);
    *ret_machine = (struct watch_machine){busy_s(), ours_s, clock_s(CLOCK_MONOTONIC)};
}

double watch_others(const struct watch_machine *from, const struct watch_machine *to)
{
    const double all_s = (to->at_s - from->at_s) * (double)sysconf(_SC_NPROCESSORS_ONLN);
    const double others_s = to->busy_s - from->busy_s - (to->ours_s - from->ours_s);
    return all_s > 0 && others_s > 0 ? others_s / all_s : 0;
}

void watch_describe(char *ret_text, size_t size)
{
    static const char NAME[] = "model name\t: ";
    char text[4096];
    read_text("/proc/cpuinfo", text, sizeof text);
    const char *name = strstr(text, NAME);
    name = name ? name + sizeof NAME - 1 : "unknown processor";
    snprintf(ret_text, size, "%ld x %.*s", sysconf(_SC_NPROCESSORS_ONLN),
             (int)strcspn(name, "\n\"\\"), name);
}

/* ---- Other processes ------------------------------------------------------------------------ */

static bool is_ours(pid_t pid, pid_t parent)
{
    if (pid == getpid() || parent == getpid())
        return true;
    for (size_t i = 0; i < family_count; i++)
        if (pid == families[i] || parent == families[i])
            return true;
    return false;
}

/* False for one of ours, and for one that has just gone. */
static bool look(pid_t pid, struct seen *ret_seen)
{
    char path[64];
    char text[1024];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_text(path, text, sizeof text);
    /* The name in parentheses may hold anything. */
    const char *open = strchr(text, '(');
    const char *behind = strrchr(text, ')');
    if (!open || !behind || sscanf(behind + 2, "%*c %d", &parent) != 1 || is_ours(pid, parent))
        return false;
    *ret_seen = (struct seen){.pid = pid, .cpu_s = watch_process_s(pid)};
    for (size_t i = 0; open + 1 + i < behind && i < sizeof ret_seen->name - 1; i++)
        ret_seen->name[i] = strchr("\"\\\n", open[1 + i]) ? '?' : open[1 + i];
    return true;
}

static size_t look_at_all(struct seen *ret_all)
{
    DIR *directory = opendir("/proc");
    size_t count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory)) && count < SEEN_MAX;) {
        const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        count += pid > 0 && look(pid, &ret_all[count]);
    }
    if (directory)
        closedir(directory);
    return count;
}

void watch_processes_begin(void)
{
    seen_count = look_at_all(seen);
    seen_at_s = clock_s(CLOCK_MONOTONIC);
}

static int by_cost(const void *a, const void *b)
{
    const double left = ((const struct seen *)a)->cpu_s, right = ((const struct seen *)b)->cpu_s;
    return (left < right) - (left > right);
}

void watch_processes_end(char *ret_text, size_t size)
{
    static struct seen now[SEEN_MAX];
    const size_t count = look_at_all(now);
    const double all_s = (clock_s(CLOCK_MONOTONIC) - seen_at_s) *
                         (double)sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < seen_count; k++)
            if (now[i].pid == seen[k].pid)
                now[i].cpu_s -= seen[k].cpu_s;
    qsort(now, count, sizeof now[0], by_cost);
    ret_text[0] = '\0';
    for (size_t i = 0, used = 0; i < count && i < SHOWN && used < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s %.1f %%", i > 0 ? ", " : "",
                                 now[i].name, now[i].cpu_s / all_s * 100);
}
