/* A few notes as tools, resources and a prompt. Freestanding: needs no libc. */
#include "../guest/aegis.h"
#include "aegis_mcp.h"

AEGIS_MCP("notes.json")

static const char *const NOTES[] = {
    "The release is on Friday.",
    "Tests run on each commit, and take ten minutes.",
    "Ada has the keys of the office.",
};
enum { COUNT = sizeof NOTES / sizeof *NOTES };

/* A text that grows at the end of the memory's blocks. */
static char buffer[4096];
static uint32_t size;

static void put(const char *text) {
    while (*text != 0 && size < sizeof buffer) buffer[size++] = *text++;
}

static void put_number(uint32_t number) {
    char digits[11];
    int at = 10;
    digits[10] = 0;
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    put(digits + at);
}

/* A copy in a block of its own, which is the host's from then on. */
static aegis_content finish(void) {
    char *copy = aegis_alloc(size);
    for (uint32_t at = 0; at < size; at++) copy[at] = buffer[at];
    uint32_t length = size;
    size = 0;
    return aegis_result(copy, length);
}

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter | 32) : letter; }

static int has(const char *text, const char *word, uint32_t length) {
    for (; *text != 0; text++) {
        uint32_t same = 0;
        while (same < length && text[same] != 0 && lower(text[same]) == lower(word[same])) same++;
        if (same == length) return 1;
    }
    return 0;
}

AEGIS_EXPORT("search", "(string) -> json")
aegis_content search(const char *word, uint32_t length) {
    put("{\"found\":[");
    for (uint32_t at = 0, found = 0; at < COUNT; at++) {
        if (!has(NOTES[at], word, length)) continue;
        put(found++ == 0 ? "{\"id\":" : ",{\"id\":");
        put_number(at + 1);
        put(",\"text\":\"");
        put(NOTES[at]);
        put("\"}");
    }
    put("]}");
    return finish();
}

AEGIS_EXPORT("add", "(i64, i64) -> i64")
int64_t add(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

/* A bitmap of 8 x 8 points: 14 and 40 bytes of head, three bytes a point. */
AEGIS_EXPORT("swatch", "(i32, i32, i32) -> bytes")
aegis_content swatch(uint32_t red, uint32_t green, uint32_t blue) {
    static const unsigned char HEAD[54] = {
        'B', 'M', 246, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 1, 0, 24,
    };
    unsigned char *image = aegis_alloc(246);
    for (uint32_t at = 0; at < 54; at++) image[at] = HEAD[at];
    for (uint32_t at = 54; at < 246; at += 3) {
        image[at] = (unsigned char)blue;
        image[at + 1] = (unsigned char)green;
        image[at + 2] = (unsigned char)red;
    }
    return aegis_result(image, 246);
}

/* Returns how many rounds it has done. */
AEGIS_EXPORT("index", "(i32) -> i32")
int32_t index_notes(int32_t rounds) {
    for (int32_t round = 1; round <= rounds; round++) {
        for (volatile uint32_t at = 0; at < 20000; at++) {
        }
        aegis_progress(round, rounds, "indexing", 8);
        if (aegis_cancelled()) return round;
    }
    return rounds;
}

AEGIS_EXPORT("spin", "()")
void spin(void) {
    for (volatile uint32_t at = 0;; at++) {
    }
}

AEGIS_EXPORT("all_notes", "() -> string")
aegis_content all_notes(void) {
    for (uint32_t at = 0; at < COUNT; at++) {
        put("- ");
        put(NOTES[at]);
        put("\n");
    }
    return finish();
}

AEGIS_EXPORT("one_note", "(string) -> string")
aegis_content one_note(const char *id, uint32_t length) {
    if (length == 1 && id[0] >= '1' && id[0] < '1' + COUNT) put(NOTES[id[0] - '1']);
    else __builtin_trap();
    return finish();
}

AEGIS_EXPORT("summarise", "(string) -> string")
aegis_content summarise(const char *style, uint32_t length) {
    put("Summarise these notes for ");
    for (uint32_t at = 0; at < length && at < 200; at++) buffer[size++] = style[at];
    put(":\n\n");
    for (uint32_t at = 0; at < COUNT; at++) {
        put("- ");
        put(NOTES[at]);
        put("\n");
    }
    return finish();
}
