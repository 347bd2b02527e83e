/* The order of members in RFC 8785: names by their UTF-16 code units. */
#ifndef WRIT_JSON_ORDER_H
#define WRIT_JSON_ORDER_H

#include "json/json.h"

struct writ_member {
    struct writ_slice name;
    const struct writ_json *value;
};

/* Both are UTF-8. */
int writ_name_compare(struct writ_slice a, struct writ_slice b);
/* ret_members has room for object->count. */
void writ_members_sorted(const struct writ_json *object, struct writ_member *ret_members);

#endif
