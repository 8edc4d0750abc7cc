/* SHA-256 (FIPS 180-4) of 64 KiB; `n` digests, each over a buffer that holds the last one. */
#include "random.h"

#define SIZE 65536u

static uint8_t message[SIZE + 128];
static uint32_t state[8], k[64];

/* The constants are the first 32 bits of the fractions of roots of primes (sections 4.2.2 and 5.3.3). */
static uint32_t fraction(double root) { return (uint32_t)((root - (int32_t)root) * 4294967296.0); }

/* Newton's method: 35 correct bits are needed, and it ends at 53. */
static double cube_root(double x) {
    double root = x;
    for (int i = 0; i < 60; i++) root -= (root * root * root - x) / (3 * root * root);
    return root;
}

static void make_constants(void) {
    uint32_t prime = 1;
    for (int i = 0; i < 64; i++) {
        for (;;) {
            prime++;
            uint32_t divisor = 2;
            while (divisor * divisor <= prime && prime % divisor) divisor++;
            if (divisor * divisor > prime) break;
        }
        k[i] = fraction(cube_root(prime));
        if (i < 8) state[i] = fraction(__builtin_sqrt(prime));
    }
}

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(const uint8_t *block) {
    uint32_t w[64];
    for (int t = 0; t < 16; t++, block += 4)
        w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    for (int t = 16; t < 64; t++)
        w[t] = (rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
               (rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[t] + w[t];
        uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static uint32_t digest(uint32_t length) {
    static uint32_t initial[8];
    static int ready;
    if (!ready) {
        make_constants();
        for (int i = 0; i < 8; i++) initial[i] = state[i];
        ready = 1;
    }
    for (int i = 0; i < 8; i++) state[i] = initial[i];
    uint32_t padded = (length + 9 + 63) & ~63u;
    message[length] = 0x80;
    for (uint32_t i = length + 1; i < padded - 4; i++) message[i] = 0;
    for (uint32_t i = 0; i < 4; i++) message[padded - 1 - i] = (uint8_t)(length * 8 >> 8 * i);
    for (uint32_t at = 0; at < padded; at += 64) compress(message + at);
    return state[0];
}

int32_t run(int32_t n) {
    seed(4);
    for (uint32_t i = 0; i < SIZE; i++) message[i] = (uint8_t)next_random();
    uint32_t word = 0;
    for (int32_t i = 0; i < n; i++) {
        word = digest(SIZE);
        for (int j = 0; j < 4; j++) message[j] = (uint8_t)(word >> 8 * j);
    }
    return (int32_t)word;
}

/* First word of the digest of "abc", the standard's example: 0xba7816bf. */
int32_t known(void) {
    message[0] = 'a', message[1] = 'b', message[2] = 'c';
    return (int32_t)digest(3);
}
