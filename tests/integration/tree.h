/* A task and its links, which many clients of a mixed load use and let grow at once. */
#ifndef WRIT_TESTS_TREE_H
#define WRIT_TESTS_TREE_H

#include "actors.h"

#include <pthread.h>

enum { TREE_NODES = 24 };

struct node {
    size_t parent; /* its own place: the root */
    char id[40];
    char *token;
    const struct actor *holder;
};

struct tree {
    pthread_mutex_t lock;
    uint64_t number; /* of the tree that stands here now */
    char task[40];
    struct node nodes[TREE_NODES];
    size_t count;
    int left; /* uses, then another takes its place */
};

/* A node of a tree, and its line as a chain in the scratch. */
struct pick {
    struct tree *tree;
    uint64_t number;
    size_t node;
    struct chain chain;
};

void tree_init(struct tree *tree);
void tree_done(struct tree *tree);
/* A node that `random` says, of a new tree by this issuer where there is none, or, if it ages, its
 * time has come. False: none could be opened now. */
bool tree_pick(struct tree *tree, struct client *issuer, uint64_t random, bool ages,
               struct pick *ret_pick);
/* Adds a child of the node, if that tree still stands and there is room. */
void tree_grow(const struct pick *pick, const char *id, const char *token,
               const struct actor *holder);
/* It has ended: it is used a little longer, to be refused. */
void tree_let_end(const struct pick *pick);

#endif
