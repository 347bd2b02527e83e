/* The graph of a task of a thousand delegations, as an auditor asks for it. */
#include "bench/request.h"
#include "bench/scenarios.h"

enum { NODES = 1000, CALLS = 4 };

void measure_graph(struct house *house)
{
    struct chain chain;
    house_open_chain(house, &chain, CHAIN_DEPTH);
    for (size_t i = 0; i < CHAIN_DEPTH; i++)
        house_fill_below(house, &chain, i, (NODES - CHAIN_DEPTH - 1) / CHAIN_DEPTH);
    house_settle(house);
    const char *leaf = chain.ids[CHAIN_DEPTH], *root = chain.ids[0];
    const struct {
        const char *name;
        const char *path;
    } calls[CALLS] = {
        {"ancestors", plain("/v1/delegations/%s/ancestors?task=%s", leaf, chain.task)},
        {"descendants, a page of 500",
         plain("/v1/delegations/%s/descendants?task=%s&limit=500", root, chain.task)},
        {"the whole task", plain("/v1/graph?task=%s", chain.task)},
        {"the whole task, drawn", plain("/v1/graph?task=%s&format=mermaid", chain.task)},
    };
    for (size_t i = 0; i < CALLS; i++) {
        struct plan plan = {.name = plain("graph, %s", calls[i].name),
                            .clients = 8,
                            .house = house,
                            .make = request_get,
                            .wanted = 200,
                            .tasks = 1,
                            .path = calls[i].path};
        play(&plan, 1);
    }
}
