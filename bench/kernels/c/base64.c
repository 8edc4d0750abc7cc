/* Base64 (RFC 4648, section 4) of 48 KiB, there and back; `n` times. */
#include "random.h"

#define SIZE 49152u

static uint8_t plain[SIZE], encoded[SIZE / 3 * 4], decoded[SIZE + 3];
static uint8_t letters[64], values[256];

static void make_tables(void) {
    for (int i = 0; i < 64; i++) {
        letters[i] = (uint8_t)(i < 26   ? 'A' + i
                               : i < 52 ? 'a' + i - 26
                               : i < 62 ? '0' + i - 52
                                        : "+/"[i - 62]);
        values[letters[i]] = (uint8_t)i;
    }
}

static uint32_t encode(uint32_t length) {
    uint32_t to = 0;
    for (uint32_t from = 0; from < length; from += 3) {
        uint32_t left = length - from;
        uint32_t bits = (uint32_t)plain[from] << 16;
        if (left > 1) bits |= (uint32_t)plain[from + 1] << 8;
        if (left > 2) bits |= plain[from + 2];
        encoded[to++] = letters[bits >> 18];
        encoded[to++] = letters[bits >> 12 & 63];
        encoded[to++] = left > 1 ? letters[bits >> 6 & 63] : '=';
        encoded[to++] = left > 2 ? letters[bits & 63] : '=';
    }
    return to;
}

static uint32_t decode(uint32_t length) {
    uint32_t to = 0;
    for (uint32_t from = 0; from < length; from += 4) {
        uint32_t bits = 0;
        for (uint32_t i = 0; i < 4; i++) bits = bits << 6 | values[encoded[from + i]];
        decoded[to++] = (uint8_t)(bits >> 16);
        if (encoded[from + 2] != '=') decoded[to++] = (uint8_t)(bits >> 8);
        if (encoded[from + 3] != '=') decoded[to++] = (uint8_t)bits;
    }
    return to;
}

int32_t run(int32_t n) {
    seed(13);
    make_tables();
    for (uint32_t i = 0; i < SIZE; i++) plain[i] = (uint8_t)next_random();
    uint32_t sum = 0;
    for (int32_t round = 0; round < n; round++) {
        uint32_t length = SIZE - (uint32_t)round % 3;
        plain[round % (int32_t)SIZE]++;
        uint32_t size = encode(length);
        sum = sum * 31 + encoded[size - 3] + decode(size) + decoded[length / 2];
    }
    return (int32_t)sum;
}

/* The last four letters of "Zm9vYmE=", which section 10 gives for "fooba", as a big-endian word. */
int32_t known(void) {
    make_tables();
    const char *text = "fooba";
    for (uint32_t i = 0; i < 5; i++) plain[i] = (uint8_t)text[i];
    uint32_t size = encode(5), word = 0;
    for (uint32_t i = size - 4; i < size; i++) word = word << 8 | encoded[i];
    return size == 8 && decode(8) == 5 && decoded[4] == 'a' ? (int32_t)word : 0;
}
