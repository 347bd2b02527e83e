#include "bench/table.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *json;
static bool is_first = true;

/* ---- Figures -------------------------------------------------------------------------------- */

static int order(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double table_median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, order);
    return values[(count - 1) / 2];
}

static double each_us(const struct table_round *round, double all_s)
{
    return round->answered > 0 ? all_s / (double)round->answered * 1e6 : 0;
}

static double rate_of(const struct table_round *round)
{
    return round->took_s > 0 ? (double)round->good / round->took_s : 0;
}

static double service_us(const struct table_round *round)
{
    return each_us(round, round->service_cpu_s);
}

double table_verifications(const struct table_round *round)
{
    return service_us(round) / round->verification_us;
}

static double database_us(const struct table_round *round)
{
    return each_us(round, round->database_cpu_s);
}

static double driving_us(const struct table_round *round)
{
    return each_us(round, round->driving_cpu_s);
}

static double making_us(const struct table_round *round)
{
    return each_us(round, round->making_cpu_s);
}

static double others(const struct table_round *round)
{
    return round->others * 100;
}

double table_cpu_us(const struct table_round *round)
{
    return service_us(round) + database_us(round);
}

typedef double figure(const struct table_round *round);

static double median_of(const struct table_row *row, figure *of)
{
    double values[ROUNDS_MAX];
    for (size_t i = 0; i < row->round_count; i++)
        values[i] = of(&row->rounds[i]);
    return table_median(values, row->round_count);
}

double table_rate(const struct table_row *row)
{
    return median_of(row, rate_of);
}

/* ---- Output --------------------------------------------------------------------------------- */

void table_open(const char *path, const char *about)
{
    json = fopen(path, "w");
    if (!json) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fprintf(json, "{%s,\n \"results\": [", about);
    printf("%-46s %7s %9s %8s %8s %8s %8s %7s %8s %7s %7s %6s %6s\n", "", "clients", "a second",
           "p50 ms", "p99 ms", "p99.9 ms", "writd us", "in sigs", "pg us", "load us", "sign us",
           "MiB", "others");
}

static void begin(void)
{
    fputs(is_first ? "\n  " : ",\n  ", json);
    is_first = false;
}

static void put_rounds(const struct table_row *row, const char *name, figure *of)
{
    fprintf(json, ", \"%s\": [", name);
    for (size_t i = 0; i < row->round_count; i++)
        fprintf(json, "%s%.3f", i > 0 ? ", " : "", of(&row->rounds[i]));
    fputs("]", json);
}

static void put_row(struct table_row *row)
{
    static const struct {
        const char *name;
        figure *of;
    } FIGURES[] = {
        {"a_second", rate_of},        {"service_us", service_us},
        {"database_us", database_us}, {"driving_us", driving_us},
        {"making_us", making_us},     {"service_verifications", table_verifications},
        {"others_percent", others},
    };
    begin();
    fprintf(json,
            "{\"name\": \"%s\", \"clients\": %zu, \"answered\": %zu, \"good\": %zu, "
            "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"resident_mib\": %.1f",
            row->name, row->clients, row->result.answered, row->result.good,
            drive_quantile_us(&row->result, 0.5) / 1e3, drive_quantile_us(&row->result, 0.99) / 1e3,
            drive_quantile_us(&row->result, 0.999) / 1e3, row->resident_mib);
    for (size_t i = 0; i < sizeof FIGURES / sizeof FIGURES[0]; i++)
        put_rounds(row, FIGURES[i].name, FIGURES[i].of);
    fputs("}", json);
}

void table_add(struct table_row *row)
{
    struct drive_result *result = &row->result;
    printf("%-46s %7zu %9.0f %8.2f %8.2f %8.2f %8.1f %7.2f %8.1f %7.1f %7.1f %6.0f %4.0f %%\n",
           row->name, row->clients, table_rate(row), drive_quantile_us(result, 0.5) / 1e3,
           drive_quantile_us(result, 0.99) / 1e3, drive_quantile_us(result, 0.999) / 1e3,
           median_of(row, service_us), median_of(row, table_verifications),
           median_of(row, database_us), median_of(row, driving_us), median_of(row, making_us),
           row->resident_mib, median_of(row, others));
    if (result->good < result->answered)
        printf("  %zu of %zu were answered otherwise, first %d: %s\n",
               result->answered - result->good, result->answered, result->other, result->what);
    fflush(stdout);
    put_row(row);
}

void table_note(const char *name, double *values, size_t count, const char *unit)
{
    const double median = table_median(values, count);
    printf("%-46s %17.2f %s", name, median, unit);
    if (count > 1)
        printf("   %.2f to %.2f in %zu", values[0], values[count - 1], count);
    putchar('\n');
    fflush(stdout);
    begin();
    fprintf(json, "{\"name\": \"%s\", \"value\": %.4f, \"unit\": \"%s\", \"all\": [", name, median,
            unit);
    for (size_t i = 0; i < count; i++)
        fprintf(json, "%s%.4f", i > 0 ? ", " : "", values[i]);
    fputs("]}", json);
}

void table_close(const char *about)
{
    fprintf(json, "\n ],\n %s}\n", about);
    fclose(json);
}
