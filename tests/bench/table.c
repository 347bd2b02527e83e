#include "bench/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static FILE *json;
static double verification_us;
static bool is_first = true;

/* ---- Processes ------------------------------------------------------------------------------ */

double cpu_of_process_s(pid_t pid)
{
    char path[64];
    char text[1024] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    const size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    /* The name in parentheses may hold anything; fields 14 and 15 are counted behind it. */
    const char *behind = strrchr(text, ')');
    if (!behind || sscanf(behind + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                          &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double cpu_of_family_s(pid_t pid)
{
    char path[64];
    char text[8192] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    double sum_s = cpu_of_process_s(pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return sum_s;
    const size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    for (char *at = text, *next = NULL;; at = next) {
        const long child = strtol(at, &next, 10);
        if (next == at)
            return sum_s;
        sum_s += cpu_of_process_s((pid_t)child);
    }
}

double cpu_own_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double resident_mib(pid_t pid)
{
    char path[64];
    unsigned long total = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

/* ---- Output --------------------------------------------------------------------------------- */

void table_open(const char *path, double verification_s)
{
    json = fopen(path, "w");
    if (!json) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    verification_us = verification_s * 1e6;
    fprintf(json, "{\"ed25519_verification_us\": %.2f,\n \"results\": [", verification_us);
    printf("%-46s %7s %9s %8s %8s %8s %9s %7s %9s %9s\n", "", "clients", "a second", "p50 ms",
           "p99 ms", "p99.9 ms", "writd us", "in sigs", "pg us", "client us");
}

static void begin(void)
{
    fputs(is_first ? "\n  " : ",\n  ", json);
    is_first = false;
}

void table_add(struct table_row *row)
{
    struct drive_result *result = &row->result;
    const double count = result->answered > 0 ? (double)result->answered : 1;
    const double rate = (double)result->good / (result->took_s > 0 ? result->took_s : 1);
    const double p50 = drive_quantile_us(result, 0.5) / 1e3;
    const double p99 = drive_quantile_us(result, 0.99) / 1e3;
    const double p999 = drive_quantile_us(result, 0.999) / 1e3;
    const double service_us = row->service_cpu_s / count * 1e6;
    const double database_us = row->database_cpu_s / count * 1e6;
    const double making_us = row->making_cpu_s / count * 1e6;
    printf("%-46s %7zu %9.0f %8.2f %8.2f %8.2f %9.1f %7.2f %9.1f %9.1f\n", row->name, row->clients,
           rate, p50, p99, p999, service_us, service_us / verification_us, database_us, making_us);
    if (result->good < result->answered)
        printf("  %zu of %zu were answered otherwise, first %d: %s\n",
               result->answered - result->good, result->answered, result->other, result->what);
    fflush(stdout);
    begin();
    fprintf(json,
            "{\"name\": \"%s\", \"clients\": %zu, \"answered\": %zu, \"good\": %zu, "
            "\"a_second\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, "
            "\"service_us\": %.2f, \"service_verifications\": %.3f, \"database_us\": %.2f, "
            "\"making_us\": %.2f}",
            row->name, row->clients, result->answered, result->good, rate, p50, p99, p999,
            service_us, service_us / verification_us, database_us, making_us);
}

void table_note(const char *name, double value, const char *unit)
{
    printf("%-46s %17.2f %s\n", name, value, unit);
    fflush(stdout);
    begin();
    fprintf(json, "{\"name\": \"%s\", \"value\": %.4f, \"unit\": \"%s\"}", name, value, unit);
}

void table_close(void)
{
    fputs("\n ]}\n", json);
    fclose(json);
}
