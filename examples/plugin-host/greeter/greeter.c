/* Greets, and asks the plugin "counter" for the number of the greeting. Its manifest is a section: greeter.json. */
#include "../../guest/aegis.h"

__asm__(".section \".custom_section.aegis:plugin\",\"\",@\n.incbin \"greeter.json\"\n");

AEGIS_IMPORT("aegis:plugin", "call", "(string, string, json) -> json")
aegis_content call(const char *plugin, uint32_t, const char *function, uint32_t, const char *args, uint32_t);

/* Without a libc this is ours; the compiler may call it by itself. */
void *memcpy(void *restrict to, const void *restrict from, unsigned long count) {
    char *target = to;
    const char *source = from;
    for (unsigned long at = 0; at < count; at++) target[at] = source[at];
    return to;
}

static char *put(char *to, const char *text, uint32_t length) { return (char *)memcpy(to, text, length) + length; }

#define PUT(to, text) put(to, text, sizeof(text) - 1)

AEGIS_EXPORT("greet", "(string) -> string")
aegis_content greet(const char *name, uint32_t length) {
    const aegis_content answer = call("counter", 7, "count", 5, "[1]", 3);
    const char *json = aegis_address(answer), *value = "{\"value\":";
    uint32_t size = aegis_length(answer), at = 0;
    while (at < 9 && at < size && json[at] == value[at]) at++;
    char *text = aegis_alloc(length + size + 64), *end = text;
    if (text == 0 || length > 1 << 20) __builtin_trap();
    end = put(PUT(end, "Hello, "), name, length);
    if (at == 9) {
        end = PUT(put(PUT(end, "! You are number "), json + at, size - at - 1), ".");
    } else {
        end = PUT(end, "! Nobody counts."); /* {"error":…}: what went wrong over there is ours to handle */
    }
    return aegis_result(text, (uint32_t)(end - text));
}
