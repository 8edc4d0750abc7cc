#include "content.h"

__attribute__((export_name("greet"))) aegis_content greet(const char *name, uint32_t length) {
    const content_part parts[] = {PART("Hello, "), {name, length}, PART("!")};
    return content_of(parts, 3);
}
