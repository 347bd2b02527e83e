#include "bench/play.h"

#include "base/crypto.h"
#include "bench/request.h"
#include "bench/watch.h"

#include <string.h>

enum {
    WAVE_MAX = 8192, /* requests that are made ahead */
    WAVE_MIN = 16,
    VERIFICATIONS = 500, /* before each round */
};

struct settings settings;

/* A plan that is being played. */
struct playing {
    struct plan *plan;
    struct drive *drive;
    pid_t server;
    size_t wave; /* requests of one round, as far as they can be made at once */
    size_t next;
};

bool play_wanted(const char *name)
{
    return strstr(name, settings.only) != NULL;
}

double play_verification_us(void)
{
    uint8_t seed[32] = {1}, key[32], message[400] = {0}, signature[64];
    writ_public_key_from_seed(seed, key);
    writ_sign(seed, writ_slice_of(message, sizeof message), signature);
    const double before_s = watch_thread_s();
    for (int i = 0; i < VERIFICATIONS; i++)
        ck_assert(writ_signature_verify(key, writ_slice_of(message, sizeof message), signature));
    return (watch_thread_s() - before_s) / VERIFICATIONS * 1e6;
}

/* Makes a wave, then sends it; counts what each of both cost. */
static void play_wave(struct playing *playing, struct drive_result *result,
                      struct table_round *round)
{
    static struct writ_slice requests[WAVE_MAX];
    const struct plan *plan = playing->plan;
    struct writ_arena made;
    writ_arena_init(&made, (size_t)1 << 30);
    const double making_s = watch_thread_s();
    for (size_t i = 0; i < playing->wave; i++)
        requests[i] = plan->make(plan, &made, playing->next++);
    const struct drive_result before = *result;
    const double service_s = watch_process_s(playing->server);
    const double database_s = watch_family_s(settings.postmaster);
    const double driving_s = watch_thread_s();
    drive_run(playing->drive, requests, playing->wave, plan->wanted, result);
    round->making_cpu_s += driving_s - making_s;
    round->driving_cpu_s += watch_thread_s() - driving_s;
    round->service_cpu_s += watch_process_s(playing->server) - service_s;
    round->database_cpu_s += watch_family_s(settings.postmaster) - database_s;
    round->answered += result->answered - before.answered;
    round->good += result->good - before.good;
    round->took_s += result->took_s - before.took_s;
    writ_arena_done(&made);
}

static void play_round(struct playing *playing, struct drive_result *result,
                       struct table_round *round)
{
    struct watch_machine before, after;
    round->verification_us = play_verification_us();
    watch_machine(&before);
    while (round->took_s < settings.seconds / ROUNDS)
        play_wave(playing, result, round);
    watch_machine(&after);
    round->others = watch_others(&before, &after);
    const double wave = (double)round->answered / round->took_s * settings.seconds / ROUNDS;
    playing->wave = wave > WAVE_MAX ? WAVE_MAX : wave < WAVE_MIN ? WAVE_MIN : (size_t)wave;
}

static void begin(struct playing *playing, struct plan *plan)
{
    static size_t next; /* over all plans: no two requests of a run are alike */
    const struct server *server = plan->server ? plan->server : &plan->house->server;
    struct drive_result warm = {0};
    struct table_round round = {0};
    request_prepare(plan);
    plan->row = (struct table_row){.name = plan->name, .clients = plan->clients};
    *playing = (struct playing){
        .plan = plan,
        .drive = drive_open(server->port, plan->clients),
        .server = server->pid,
        .wave = plan->clients * 2 > WAVE_MIN ? plan->clients * 2 : WAVE_MIN,
        .next = next,
    };
    next += 100000000;
    play_round(playing, &warm, &round);
    drive_result_done(&warm);
}

static void end(struct playing *playing)
{
    struct table_row *row = &playing->plan->row;
    row->resident_mib = (double)process_resident_bytes(playing->server) / 1048576;
    table_add(row);
    drive_result_done(&row->result);
    playing->drive = drive_close(playing->drive);
}

void play(struct plan *plans, size_t count)
{
    enum { SIDE_BY_SIDE_MAX = 16 };
    struct playing all[SIDE_BY_SIDE_MAX];
    size_t playing = 0;
    for (size_t i = 0; i < count; i++)
        if (play_wanted(plans[i].name)) {
            ck_assert(playing < SIDE_BY_SIDE_MAX);
            begin(&all[playing++], &plans[i]);
        }
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < playing; i++) {
            /* There and back, so that a machine that gets slower favours none. */
            struct playing *next = &all[round % 2 == 0 ? i : playing - 1 - i];
            struct table_row *row = &next->plan->row;
            play_round(next, &row->result, &row->rounds[row->round_count++]);
        }
    for (size_t i = 0; i < playing; i++)
        end(&all[i]);
}

void play_ratio(const char *name, const struct plan *a, const struct plan *b)
{
    double times[ROUNDS_MAX], cpus[ROUNDS_MAX];
    const size_t count = a->row.round_count;
    if (count == 0 || b->row.round_count != count)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct table_round *x = &a->row.rounds[i], *y = &b->row.rounds[i];
        times[i] = y->took_s / (double)y->answered / (x->took_s / (double)x->answered);
        cpus[i] = table_cpu_us(y) / table_cpu_us(x);
    }
    table_note(plain("%s: time", name), times, count, "times");
    table_note(plain("%s: CPU", name), cpus, count, "times");
}
