/* Text, bytes and JSON in C: what each function takes and gives stands in front of it. */
#include "aegis.h"

/* Without a libc these are ours; the compiler may call them by itself. */
void *memcpy(void *restrict to, const void *restrict from, unsigned long count) {
    char *target = to;
    const char *source = from;
    for (unsigned long at = 0; at < count; at++) target[at] = source[at];
    return to;
}

AEGIS_EXPORT("greet", "(string) -> string")
aegis_content greet(const char *name, uint32_t length) {
    static const char before[] = "Hello, ", after[] = "!";
    const uint32_t size = sizeof before - 1 + length + sizeof after - 1;
    char *text = size < length ? 0 : aegis_alloc(size);
    if (text == 0) __builtin_trap();
    memcpy(text, before, sizeof before - 1);
    memcpy(text + sizeof before - 1, name, length);
    memcpy(text + sizeof before - 1 + length, after, sizeof after - 1);
    return aegis_result(text, size);
}

/* In place: the result lies where the argument lies, and is freed with it. */
AEGIS_EXPORT("reverse", "(bytes) -> bytes")
aegis_content reverse(unsigned char *bytes, uint32_t length) {
    for (uint32_t low = 0, high = length; low + 1 < high; low++) {
        const unsigned char kept = bytes[low];
        bytes[low] = bytes[--high];
        bytes[high] = kept;
    }
    return aegis_result(bytes, length);
}

/* The text of a result can be a constant: the allocator knows that it is none of its blocks. */
AEGIS_EXPORT("about", "() -> json")
aegis_content about(void) {
    static const char text[] = "{\"name\":\"greet\",\"functions\":[\"greet\",\"reverse\",\"about\",\"total\"]}";
    return aegis_result(text, sizeof text - 1);
}

/* JSON comes without blanks. This reads what it needs to: an array of whole numbers; NaN for anything else. */
AEGIS_EXPORT("total", "(json) -> f64")
double total(const char *json, uint32_t length) {
    double sum = 0, number = 0, sign = 1;
    int digits = 0;
    if (length < 2 || json[0] != '[' || json[length - 1] != ']') return __builtin_nan("");
    if (length == 2) return 0;
    for (uint32_t at = 1; at < length; at++) {
        const char character = json[at];
        if (character >= '0' && character <= '9') {
            number = number * 10 + (character - '0');
            digits++;
        } else if (character == '-' && digits == 0 && sign > 0) {
            sign = -1;
        } else if ((character == ',' || at + 1 == length) && digits > 0) {
            sum += sign * number;
            number = 0, sign = 1, digits = 0;
        } else {
            return __builtin_nan("");
        }
    }
    return sum;
}
