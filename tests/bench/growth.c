/* Whether a ledger grows slow: the same load on one of a thousand delegations and on one of a
 * million, side by side. Admissions make the small one larger, so they come last. */
#include "bench/request.h"
#include "bench/scenarios.h"

enum { SMALL = 1000, KINDS = 3 };

static void put_plans(const struct house *house, size_t stored, struct plan plans[static KINDS])
{
    plans[0] = (struct plan){.make = request_use,
                             .wanted = 200,
                             .depth = 3,
                             .tool = "read_file",
                             .args = "{\"path\":\"/notes/2026/a.md\"}",
                             .name = plain("growth, read, %zu stored", stored)};
    plans[1] = (struct plan){.make = request_use,
                             .wanted = 200,
                             .depth = 3,
                             .tool = "write_note",
                             .args = "{\"path\":\"/notes/2026/a.md\",\"text\":\"x\"}",
                             .name = plain("growth, write, %zu stored", stored)};
    plans[2] = (struct plan){
        .make = request_child, .wanted = 201, .name = plain("growth, admit, %zu stored", stored)};
    for (size_t i = 0; i < KINDS; i++) {
        plans[i].house = house;
        plans[i].clients = 64;
        plans[i].tasks = TASKS;
    }
}

static void fill(struct house *house, const struct postgres *cluster, const char *name,
                 size_t stored)
{
    house_start(house, cluster, name, NULL);
    house_open_chains(house, 3);
    house_fill_to(house, stored);
    house_settle(house);
}

void measure_growth(const struct postgres *cluster)
{
    static struct house small, large;
    struct plan of_small[KINDS], of_large[KINDS];
    static const char *const NAMES[KINDS] = {"read", "write", "admit"};
    put_plans(&small, SMALL, of_small);
    put_plans(&large, settings.stored, of_large);
    bool wanted = false;
    for (size_t i = 0; i < KINDS; i++)
        wanted = wanted || play_wanted(of_small[i].name) || play_wanted(of_large[i].name);
    if (!wanted)
        return;
    fill(&small, cluster, "small", SMALL);
    fill(&large, cluster, "large", settings.stored);
    for (size_t i = 0; i < KINDS; i++) {
        struct plan pair[] = {of_small[i], of_large[i]};
        play(pair, 2);
        play_ratio(plain("growth, %s, %zu to %d stored", NAMES[i], settings.stored, SMALL),
                   &pair[0], &pair[1]);
    }
    house_stop(&large);
    house_stop(&small);
}
