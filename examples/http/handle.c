/*
 * Answers requests by a function: gets a request as JSON, returns an answer as JSON. The path is taken over as it stands in
 * the request, so what JSON escapes there is escaped here.
 */
#include "../guest/aegis.h"

static const char HEAD[] = "{\"headers\":{\"content-type\":\"text/plain; charset=utf-8\"},\"body\":\"Hello from ";
static const char TAIL[] = "\\n\"}";
static const char KEY[] = "\"path\":\"";

static uint32_t find_path(const char *json, uint32_t length) {
    for (uint32_t at = 0; at + sizeof KEY <= length; at++) {
        uint32_t same = 0;
        while (same < sizeof KEY - 1 && json[at + same] == KEY[same]) same++;
        if (same == sizeof KEY - 1) return at + same;
    }
    return length;
}

AEGIS_EXPORT("handle", "(json) -> json")
aegis_content handle(const char *json, uint32_t length) {
    const uint32_t from = find_path(json, length);
    uint32_t to = from;
    while (to < length && json[to] != '"') to += json[to] == '\\' ? 2 : 1;
    const uint32_t size = sizeof HEAD - 1 + (to - from) + sizeof TAIL - 1;
    char *answer = aegis_alloc(size), *end = answer;
    if (answer == 0) __builtin_trap();
    for (uint32_t at = 0; at < sizeof HEAD - 1; at++) *end++ = HEAD[at];
    for (uint32_t at = from; at < to; at++) *end++ = json[at];
    for (uint32_t at = 0; at < sizeof TAIL - 1; at++) *end++ = TAIL[at];
    return aegis_result(answer, size);
}
