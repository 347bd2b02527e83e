#include "rounds.h"

#include "clock.h"

/* False: stop. */
static bool rest(struct rounds *rounds)
{
    const int64_t until_us = clock_monotonic_us() + rounds->every_us;
    pthread_mutex_lock(&rounds->lock);
    if (!rounds->is_woken && !rounds->is_stopping)
        clock_wait(&rounds->wake, &rounds->lock, until_us);
    rounds->is_woken = false;
    const bool is_stopping = rounds->is_stopping;
    pthread_mutex_unlock(&rounds->lock);
    return !is_stopping;
}

static void *run(void *context)
{
    struct rounds *rounds = context;
    do
        rounds->make(rounds->context);
    while (rest(rounds));
    return NULL;
}

static void tell(struct rounds *rounds, bool *what)
{
    pthread_mutex_lock(&rounds->lock);
    *what = true;
    pthread_cond_signal(&rounds->wake);
    pthread_mutex_unlock(&rounds->lock);
}

struct writ_result rounds_start(struct rounds *rounds, int64_t every_us, rounds_make *make,
                                void *context)
{
    *rounds = (struct rounds){.make = make, .context = context, .every_us = every_us};
    pthread_mutex_init(&rounds->lock, NULL);
    clock_condition_init(&rounds->wake);
    if (pthread_create(&rounds->thread, NULL, run, rounds) == 0)
        return WRIT_SUCCESS;
    rounds_done(rounds);
    return WRIT_FAILURE(INTERNAL);
}

void rounds_wake(struct rounds *rounds)
{
    tell(rounds, &rounds->is_woken);
}

void rounds_stop(struct rounds *rounds)
{
    tell(rounds, &rounds->is_stopping);
    pthread_join(rounds->thread, NULL);
}

void rounds_done(struct rounds *rounds)
{
    pthread_cond_destroy(&rounds->wake);
    pthread_mutex_destroy(&rounds->lock);
}
