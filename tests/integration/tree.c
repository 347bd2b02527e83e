#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USES = 300, LAST_USES = 30, LINE_MAX = 7 };

void tree_init(struct tree *tree)
{
    *tree = (struct tree){0};
    pthread_mutex_init(&tree->lock, NULL);
}

static void clear(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->nodes[i].token);
    tree->count = 0;
}

void tree_done(struct tree *tree)
{
    clear(tree);
    pthread_mutex_destroy(&tree->lock);
}

static void plant(struct tree *tree, struct client *issuer)
{
    const struct answer opened = task_open(issuer, &cast.planner, "");
    if (opened.status != 201) /* an outage: the next one tries again */
        return;
    clear(tree);
    tree->number++;
    tree->left = USES;
    snprintf(tree->task, sizeof tree->task, "%s", text_at(&opened, "task.id"));
    struct node *root = &tree->nodes[tree->count++];
    *root = (struct node){.token = strdup(text_at(&opened, "token")), .holder = &cast.planner};
    snprintf(root->id, sizeof root->id, "%s", text_at(&opened, "delegation.id"));
}

static void copy_line(const struct tree *tree, size_t node, struct chain *ret_chain)
{
    size_t line[TREE_NODES], depth = 0;
    line[depth++] = node;
    for (size_t at = node; tree->nodes[at].parent != at; at = tree->nodes[at].parent)
        line[depth++] = tree->nodes[at].parent;
    *ret_chain = (struct chain){.count = depth};
    snprintf(ret_chain->task, sizeof ret_chain->task, "%s", tree->task);
    for (size_t i = 0; i < depth; i++) {
        const struct node *link = &tree->nodes[line[depth - 1 - i]];
        snprintf(ret_chain->ids[i], sizeof ret_chain->ids[i], "%s", link->id);
        ret_chain->tokens[i] = plain("%s", link->token);
        ret_chain->holders[i] = *link->holder;
    }
}

bool tree_pick(struct tree *tree, struct client *issuer, uint64_t random, bool ages,
               struct pick *ret_pick)
{
    pthread_mutex_lock(&tree->lock);
    if (tree->count == 0 || (ages && tree->left-- <= 0))
        plant(tree, issuer);
    const bool has_nodes = tree->count > 0;
    if (has_nodes) {
        ret_pick->tree = tree;
        ret_pick->number = tree->number;
        ret_pick->node = random % tree->count;
        copy_line(tree, ret_pick->node, &ret_pick->chain);
    }
    pthread_mutex_unlock(&tree->lock);
    return has_nodes;
}

void tree_grow(const struct pick *pick, const char *id, const char *token,
               const struct actor *holder)
{
    struct tree *tree = pick->tree;
    pthread_mutex_lock(&tree->lock);
    if (tree->number == pick->number && tree->count < TREE_NODES && pick->chain.count < LINE_MAX) {
        struct node *node = &tree->nodes[tree->count++];
        *node = (struct node){.parent = pick->node, .token = strdup(token), .holder = holder};
        snprintf(node->id, sizeof node->id, "%s", id);
    }
    pthread_mutex_unlock(&tree->lock);
}

void tree_let_end(const struct pick *pick)
{
    pthread_mutex_lock(&pick->tree->lock);
    if (pick->tree->number == pick->number && pick->tree->left > LAST_USES)
        pick->tree->left = LAST_USES;
    pthread_mutex_unlock(&pick->tree->lock);
}
