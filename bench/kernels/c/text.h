/* Text for kernels that read text: words of a vocabulary of 256, the first of them more often. */
#include "random.h"

static uint8_t vocabulary[256][10];

static void make_vocabulary(void) {
    for (uint32_t word = 0; word < 256; word++) {
        uint32_t length = 2 + next_random() % 8;
        vocabulary[word][0] = (uint8_t)length;
        for (uint32_t i = 1; i <= length; i++) vocabulary[word][i] = (uint8_t)('a' + next_random() % 26);
    }
}

/* Fills the whole buffer; a word that does not fit is cut off. */
static void make_text(uint8_t *text, uint32_t length) {
    make_vocabulary();
    for (uint32_t at = 0; at < length;) {
        uint32_t r = next_random();
        const uint8_t *word = vocabulary[r & (r >> 8) & 255];
        for (uint32_t i = 1; i <= word[0] && at < length; i++) text[at++] = word[i];
        if (at < length) text[at++] = r >> 28 == 0 ? '\n' : ' ';
    }
}
