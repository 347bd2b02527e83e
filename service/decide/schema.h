/*
 * Argument schemas: the part of JSON Schema (2020-12) that says what it means without reading
 * anything else. What a registered schema uses is applied as the standard has it; a keyword that is
 * not in the table of schema.c (`pattern`, `$ref`, `not`, `if` ...) is refused when the tool is
 * registered, never passed over when it is called. There is no library for it in C that Debian
 * keeps.
 */
#ifndef WRIT_DECIDE_SCHEMA_H
#define WRIT_DECIDE_SCHEMA_H

#include "json/json.h"

/* Whether this build can apply all of it. False: detail names the keyword. */
bool schema_is_known(const struct writ_json *schema, char *ret_detail, size_t size);
/* Whether the arguments are as it says. False: detail says what is not, in the schema's words. */
bool schema_allows(const struct writ_json *schema, const struct writ_json *args, char *ret_detail,
                   size_t size);

#endif
