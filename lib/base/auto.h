/*
 * WRIT_AUTO(type) frees a foreign object at the end of its scope; writ_steal(p) hands it out.
 * A room defines the pair once: WRIT_AUTO_DEFINE(json_t, json_decref).
 */
#ifndef WRIT_BASE_AUTO_H
#define WRIT_BASE_AUTO_H

#include <stddef.h>

#define WRIT_AUTO_DEFINE(type, release)                                                            \
    static inline void writ_auto_##type(type **held)                                               \
    {                                                                                              \
        if (*held)                                                                                 \
            release(*held);                                                                        \
    }                                                                                              \
    struct writ_auto_semicolon

#define WRIT_AUTO(type) __attribute__((cleanup(writ_auto_##type))) type *

#define writ_steal(pointer)                                                                        \
    __extension__({                                                                                \
        __typeof__(pointer) writ_stolen = (pointer);                                               \
        (pointer) = NULL;                                                                          \
        writ_stolen;                                                                               \
    })

#endif
