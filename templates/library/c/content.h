/* Results that are put together from parts; there is no libc. */
#ifndef CONTENT_H
#define CONTENT_H

#include "aegis.h"

typedef struct {
    const char *at;
    uint32_t length;
} content_part;

/* A part that is a constant. */
#define PART(text) {text, sizeof text - 1}

/* The compiler may call it by itself. */
void *memcpy(void *restrict to, const void *restrict from, unsigned long count) {
    char *target = to;
    const char *source = from;
    for (unsigned long at = 0; at < count; at++) target[at] = source[at];
    return to;
}

/* One text of all parts, in a block that the host gives back. */
static aegis_content content_of(const content_part *parts, uint32_t count) {
    uint64_t size = 0;
    for (uint32_t at = 0; at < count; at++) size += parts[at].length;
    char *text = size > UINT32_MAX ? 0 : aegis_alloc((uint32_t)size), *end = text;
    if (text == 0) __builtin_trap();
    for (uint32_t at = 0; at < count; at++) {
        memcpy(end, parts[at].at, parts[at].length);
        end += parts[at].length;
    }
    return aegis_result(text, (uint32_t)size);
}

#endif
