/*
 * LZ77 over 64 KiB of text, greedy, with a hash table of the last place of four bytes; `n` times packed and unpacked.
 * A token is a byte, literals' count in its upper and the match's length less 4 in its lower four bits; 15 is
 * continued in bytes as long as they are 255. After it come the literals and two bytes of distance.
 */
#include "text.h"

#define SIZE 65536u
#define HASHES 4096u
#define LEAST 4u

static uint8_t plain[SIZE], packed[SIZE * 2], unpacked[SIZE];
static uint32_t last[HASHES];

static uint32_t four(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint8_t *put_length(uint8_t *out, uint32_t rest) {
    for (; rest >= 255; rest -= 255) *out++ = 255;
    *out++ = (uint8_t)rest;
    return out;
}

static uint8_t *put(uint8_t *out, const uint8_t *literals, uint32_t count, uint32_t match, uint32_t distance) {
    uint32_t code = match == 0 ? 0 : match - LEAST;
    *out++ = (uint8_t)((count < 15 ? count : 15) << 4 | (code < 15 ? code : 15));
    if (count >= 15) out = put_length(out, count - 15);
    for (uint32_t i = 0; i < count; i++) *out++ = literals[i];
    if (match == 0) return out;
    *out++ = (uint8_t)distance, *out++ = (uint8_t)(distance >> 8);
    return code >= 15 ? put_length(out, code - 15) : out;
}

static uint32_t pack(void) {
    for (uint32_t i = 0; i < HASHES; i++) last[i] = 0;
    uint8_t *out = packed;
    uint32_t at = 0, from = 0;
    while (at + LEAST <= SIZE) {
        uint32_t value = four(plain + at), slot = value * 2654435761u >> 20;
        uint32_t candidate = last[slot];
        last[slot] = at + 1;
        if (candidate == 0 || four(plain + candidate - 1) != value || at - (candidate - 1) > 65535) {
            at++;
            continue;
        }
        uint32_t start = candidate - 1, length = LEAST;
        while (at + length < SIZE && plain[start + length] == plain[at + length]) length++;
        out = put(out, plain + from, at - from, length, at - start);
        at += length, from = at;
    }
    return (uint32_t)(put(out, plain + from, SIZE - from, 0, 0) - packed);
}

static const uint8_t *get_length(const uint8_t *in, uint32_t *length) {
    if (*length < 15) return in;
    uint8_t more;
    do *length += more = *in++;
    while (more == 255);
    return in;
}

static uint32_t unpack(uint32_t size) {
    const uint8_t *in = packed, *end = packed + size;
    uint32_t at = 0;
    while (in < end) {
        uint32_t count = *in >> 4, length = *in & 15;
        in = get_length(in + 1, &count);
        for (uint32_t i = 0; i < count; i++) unpacked[at++] = *in++;
        if (in == end) break;
        uint32_t from = at - (in[0] | (uint32_t)in[1] << 8);
        in = get_length(in + 2, &length);
        for (uint32_t i = 0; i < length + LEAST; i++) unpacked[at++] = unpacked[from++];
    }
    return at;
}

int32_t run(int32_t n) {
    seed(7);
    make_text(plain, SIZE);
    uint32_t sum = 0;
    for (int32_t round = 0; round < n; round++) {
        plain[next_random() % SIZE] = '.';
        uint32_t size = pack();
        sum = sum * 31 + size + unpack(size) + unpacked[round & (SIZE - 1)];
    }
    return (int32_t)sum;
}

/* How many bytes differ after packing and unpacking; one more if the text did not shrink: 0. */
int32_t known(void) {
    seed(8);
    make_text(plain, SIZE);
    uint32_t size = pack(), wrong = (unpack(size) != SIZE) + (size > SIZE * 3 / 4);
    for (uint32_t i = 0; i < SIZE; i++) wrong += plain[i] != unpacked[i];
    return (int32_t)wrong;
}
