/* A guest that asks its host: the host function takes two texts and gives one. */
#include "aegis.h"

AEGIS_IMPORT("phrases", "translate", "(string, string) -> string")
aegis_content translate(const char *text, uint32_t text_length, const char *language, uint32_t language_length);

/* What the host gives is the guest's from then on: here it goes out as the result. */
AEGIS_EXPORT("welcome", "(string) -> string")
aegis_content welcome(const char *language, uint32_t length) {
    static const char phrase[] = "Welcome";
    return translate(phrase, sizeof phrase - 1, language, length);
}

/* Here it is read and given back. */
AEGIS_EXPORT("width", "(string) -> i32")
uint32_t width(const char *language, uint32_t length) {
    const aegis_content text = welcome(language, length);
    uint32_t letters = 0;
    for (uint32_t at = 0; at < aegis_length(text); at++) {
        if ((aegis_address(text)[at] & 0xc0) != 0x80) letters++; /* not in the middle of a character */
    }
    aegis_free(aegis_address(text), aegis_length(text));
    return letters;
}
