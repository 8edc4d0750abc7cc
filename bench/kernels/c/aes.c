/* AES-128 (FIPS 197) byte by byte with an S-box, in counter mode over 32 KiB; `n` passes over the buffer. */
#include "random.h"

#define SIZE 32768u

static uint8_t box[256], round_keys[176], data[SIZE];

static uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0)); }

static uint8_t turn(uint8_t x, int n) { return (uint8_t)(x << n | x >> (8 - n)); }

/* Section 5.1.1: inverses in GF(2^8), found by walking the powers of 3 and of 1/3, then the affine map. */
static void make_box(void) {
    uint8_t p = 1, q = 1;
    do {
        p ^= twice(p);
        q ^= (uint8_t)(q << 1), q ^= (uint8_t)(q << 2), q ^= (uint8_t)(q << 4);
        if (q & 0x80) q ^= 0x09;
        box[p] = q ^ turn(q, 1) ^ turn(q, 2) ^ turn(q, 3) ^ turn(q, 4) ^ 0x63;
    } while (p != 1);
    box[0] = 0x63;
}

/* Section 5.2. */
static void expand_key(const uint8_t *key) {
    uint8_t constant = 1;
    for (int i = 0; i < 16; i++) round_keys[i] = key[i];
    for (int i = 16; i < 176; i += 4) {
        uint8_t t[4];
        for (int j = 0; j < 4; j++) t[j] = round_keys[i - 4 + j];
        if (i % 16 == 0) {
            uint8_t first = t[0];
            t[0] = box[t[1]] ^ constant, t[1] = box[t[2]], t[2] = box[t[3]], t[3] = box[first];
            constant = twice(constant);
        }
        for (int j = 0; j < 4; j++) round_keys[i + j] = round_keys[i - 16 + j] ^ t[j];
    }
}

/* Section 5.1. */
static void encrypt(uint8_t *state) {
    for (int i = 0; i < 16; i++) state[i] ^= round_keys[i];
    for (int round = 1; round <= 10; round++) {
        uint8_t shifted[16];
        for (int column = 0; column < 4; column++)
            for (int row = 0; row < 4; row++) shifted[column * 4 + row] = box[state[(column + row) % 4 * 4 + row]];
        for (int column = 0; column < 16; column += 4) {
            const uint8_t *s = shifted + column, *key = round_keys + round * 16 + column;
            uint8_t all = round == 10 ? 0 : s[0] ^ s[1] ^ s[2] ^ s[3];
            for (int row = 0; row < 4; row++) {
                uint8_t mixed = round == 10 ? 0 : all ^ twice(s[row] ^ s[(row + 1) % 4]);
                state[column + row] = s[row] ^ mixed ^ key[row];
            }
        }
    }
}

int32_t run(int32_t n) {
    uint8_t key[16], block[16];
    seed(5);
    make_box();
    for (int i = 0; i < 16; i++) key[i] = (uint8_t)next_random();
    expand_key(key);
    for (uint32_t i = 0; i < SIZE; i++) data[i] = (uint8_t)i;
    for (int32_t pass = 0; pass < n; pass++) {
        for (uint32_t at = 0; at < SIZE; at += 16) {
            for (int i = 0; i < 16; i++) {
                block[i] = i < 4 ? (uint8_t)(at >> 8 * i) : i < 8 ? (uint8_t)(pass >> 8 * (i - 4)) : 0;
            }
            encrypt(block);
            for (int i = 0; i < 16; i++) data[at + i] ^= block[i];
        }
    }
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SIZE; i++) sum = sum * 31 + data[i];
    return (int32_t)sum;
}

/* First word of the ciphertext of appendix C.1: 0x69c4e0d8. */
int32_t known(void) {
    uint8_t key[16], block[16];
    make_box();
    for (int i = 0; i < 16; i++) key[i] = (uint8_t)i, block[i] = (uint8_t)(i * 0x11);
    expand_key(key);
    encrypt(block);
    return (int32_t)((uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3]);
}
