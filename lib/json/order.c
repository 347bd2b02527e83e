#include "json/order.h"

#include <stdlib.h>

/* UTF-16 writes what is above the BMP with surrogates (D800 to DFFF), so it sorts before U+E000
 * to U+FFFF, whose first byte in UTF-8 is EE or EF; in all else the two orders agree. */
static int rank(uint8_t byte)
{
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

int writ_name_compare(struct writ_slice a, struct writ_slice b)
{
    const size_t common = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < common; i++)
        if (a.data[i] != b.data[i])
            return rank(a.data[i]) - rank(b.data[i]);
    return (a.size > b.size) - (a.size < b.size);
}

static int compare_members(const void *a, const void *b)
{
    const struct writ_member *left = a, *right = b;
    return writ_name_compare(left->name, right->name);
}

static void insert_each(struct writ_member *members, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct writ_member member = members[i];
        size_t at = i;
        for (; at > 0 && compare_members(&members[at - 1], &member) > 0; at--)
            members[at] = members[at - 1];
        members[at] = member;
    }
}

void writ_members_sorted(const struct writ_json *object, struct writ_member *ret_members)
{
    enum { FEW = 32 }; /* so many are inserted sooner than qsort would begin */
    bool sorted = true;
    for (size_t i = 0; i < object->count; i++) {
        ret_members[i] = (struct writ_member){object->names[i], &object->items[i]};
        if (i > 0 && writ_name_compare(object->names[i - 1], object->names[i]) > 0)
            sorted = false;
    }
    if (sorted)
        return;
    if (object->count <= FEW)
        insert_each(ret_members, object->count);
    else
        qsort(ret_members, object->count, sizeof *ret_members, compare_members);
}
