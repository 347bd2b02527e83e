/* Uses: of chains that writd has in memory and of chains that it has to read from the ledger, by
 * reference and by value, of a tool that reads and of one that writes. */
#include "bench/request.h"
#include "bench/scenarios.h"

static const size_t DEPTHS[] = {1, 3, 5, 8};
static const size_t CLIENTS[] = {1, 8, 64, 256};
enum { DEPTH_COUNT = sizeof DEPTHS / sizeof DEPTHS[0], CLIENT_COUNT = 4 };

struct use {
    const char *name;
    const char *tool;
    const char *args;
};
static const struct use READ = {"read", "read_file", "{\"path\":\"/notes/2026/a.md\"}"};
static const struct use WRITE = {"write", "write_note",
                                 "{\"path\":\"/notes/2026/a.md\",\"text\":\"x\"}"};

static struct plan plan_of(const struct house *house, const struct server *cold,
                           const struct use *use, bool by_value, size_t depth, size_t clients)
{
    return (struct plan){
        .name = plain("validate, %s, %s, %s, depth %zu", use->name,
                      by_value ? "by value" : "by reference", cold ? "cold" : "known", depth),
        .clients = clients,
        .house = house,
        .server = cold,
        .make = request_use,
        .wanted = 200,
        .tasks = TASKS,
        .depth = depth,
        .tool = use->tool,
        .args = use->args,
        .by_value = by_value,
    };
}

static void play_depths(const struct house *house, const struct server *cold, const struct use *use,
                        bool by_value)
{
    struct plan plans[DEPTH_COUNT];
    for (size_t i = 0; i < DEPTH_COUNT; i++)
        plans[i] = plan_of(house, cold, use, by_value, DEPTHS[i], 64);
    play(plans, DEPTH_COUNT);
    play_ratio(plain("validate, %s, %s, %s, depth 8 to depth 1", use->name,
                     by_value ? "by value" : "by reference", cold ? "cold" : "known"),
               &plans[0], &plans[DEPTH_COUNT - 1]);
}

static void play_clients(const struct house *house, const struct use *use)
{
    for (size_t i = 0; i < CLIENT_COUNT; i++) {
        struct plan plan = plan_of(house, NULL, use, false, CHAIN_DEPTH, CLIENTS[i]);
        if (CLIENTS[i] != 64) /* that one is among the depths */
            play(&plan, 1);
    }
}

void measure_validate(struct house *house)
{
    /* Fewer chains in memory than take turns: none is ever found there. */
    static const char *const FORGETFUL[] = {"--known-chains", "16", NULL};
    struct server cold;
    house_open_chains(house, CHAIN_DEPTH);
    house_start_beside(house, &cold, "cold", FORGETFUL);
    house_settle(house);
    for (int by_value = 0; by_value <= 1; by_value++) {
        play_depths(house, NULL, &READ, by_value);
        play_depths(house, NULL, &WRITE, by_value);
        play_depths(house, &cold, &READ, by_value);
        play_depths(house, &cold, &WRITE, by_value);
    }
    server_stop(&cold);
    play_clients(house, &READ);
    play_clients(house, &WRITE);
}
