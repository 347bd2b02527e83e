/*
 * What processes cost, and what else ran: CPU and memory as the kernel counts them.
 * May touch: /proc and the clocks. Knows nothing of Writ.
 */
#ifndef WRIT_TESTS_BENCH_WATCH_H
#define WRIT_TESTS_BENCH_WATCH_H

#include <stddef.h>
#include <sys/types.h>

/* CPU seconds so far: of a process, of it and its children (a postmaster's backends; those that
 * have ended too, in hundredths), of this thread. */
double watch_process_s(pid_t pid);
double watch_family_s(pid_t pid);
double watch_thread_s(void);

/* CPU seconds that the whole machine was busy or lost to its host, and that were ours: this
 * process, its children, and the families that were named. */
struct watch_machine {
    double busy_s;
    double ours_s;
    double at_s;
};
void watch_own(pid_t family);
void watch_machine(struct watch_machine *ret_machine);
/* The share of all cores that others had between the two. */
double watch_others(const struct watch_machine *from, const struct watch_machine *to);

/* From here on; then which other processes that still live took most: "rustc 12 %, make 1 %". */
void watch_processes_begin(void);
void watch_processes_end(char *ret_text, size_t size);
/* The processor's name and its cores: "2 x Intel(R) Xeon(R)". */
void watch_describe(char *ret_text, size_t size);

#endif
