/* A tool of the registry as the API shows it; shared by those that read it, change it, and judge a
 * change of it. */
#ifndef WRIT_ENDPOINT_TOOLS_H
#define WRIT_ENDPOINT_TOOLS_H

#include "endpoint/change.h"
#include "postgres/db.h"

struct tool_name {
    struct writ_slice audience;
    struct writ_slice name;
};

/* Which of the words it is, the first being 0; -1: none of them. NULL ends the words. */
int tool_word(const struct writ_json *said, const char *const *words);
/* From path and query. False: answered. */
bool tool_name_read(struct call *call, struct tool_name *ret_name);
/* The Tool object (api/openapi.yaml); NULL in *ret_tool: there is none of this name. */
struct writ_result tool_find(struct call *call, struct db *db, const struct tool_name *name,
                             struct writ_json **ret_tool) WRIT_MUST_CHECK;
/* Fills kind, key and before. */
struct writ_result tool_change_begin(struct call *call, struct db *db, const struct tool_name *name,
                                     struct change *change) WRIT_MUST_CHECK;
/* What of a tool got looser from one object to the other is written into `after`, as `loosens`;
 * CONFLICT where something did, and `allowed` is false. A new tool loosens what its effect asks
 * for, or nothing. */
struct writ_result tool_check_loosening(struct call *call, struct change *change,
                                        struct writ_json *after, bool allowed) WRIT_MUST_CHECK;
/* Friction follows effect: so many people approve each call, unless somebody says otherwise. */
int64_t tool_approval_of_effect(struct writ_slice effect);
/* SHA-256 of the schema's RFC 8785 bytes. */
bool tool_schema_digest(struct call *call, const struct writ_json *schema,
                        uint8_t ret_sha256[static 32]);
/* `schema_sha256` of the body: what was reviewed. False: answered. */
bool tool_schema_read_digest(struct call *call, uint8_t ret_sha256[static 32]);
/* Whether the schema that waits to be accepted is this one; false where none waits. */
bool tool_schema_is_offered(const struct writ_json *tool, const uint8_t sha256[static 32]);
/* As it was said, or SQL's null where there is none. */
struct writ_result tool_schema_param(struct call *call, const struct writ_json *schema,
                                     struct db_param *ret_param) WRIT_MUST_CHECK;
/* "internal" stands for a label of that level without categories, which only trusted data (of
 * release) or any (of release_pinned) is within. False: it is neither a word nor a whole label. */
bool tool_release_read(struct call *call, const struct writ_json *said, bool is_pinned,
                       struct writ_label *ret_label);

#endif
