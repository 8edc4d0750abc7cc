/*
 * SHA-256 (FIPS 180-4). The caller writes up to `capacity()` bytes at `buffer()`, calls `sha256(length)`, and reads
 * the digest as 32 bytes at `digest()` or word by word. There is no libc here: loops take the place of memcpy.
 */
#include <stdint.h>

#define CAPACITY 65536u
#define BLOCK 64u

static uint8_t message[CAPACITY];
static uint8_t digest_bytes[32];
static uint32_t state[8];

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes: FIPS 180-4, section 4.2.2. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n) { return (x >> n) | (x << (32 - n)); }

/* Section 6.2.2, for one block. */
static void compress(const uint8_t *block) {
    uint32_t w[64];
    for (unsigned t = 0; t < 16; t++) {
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | (uint32_t)block[4 * t + 3];
    }
    for (unsigned t = 16; t < 64; t++) {
        uint32_t small0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
        uint32_t small1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
        w[t] = small1 + w[t - 7] + small0 + w[t - 16];
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (unsigned t = 0; t < 64; t++) {
        uint32_t big1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
        uint32_t choose = (e & f) ^ (~e & g);
        uint32_t t1 = h + big1 + choose + K[t] + w[t];
        uint32_t big0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
        uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
        uint32_t t2 = big0 + majority;
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void start(void) {
    /* Section 5.3.3: fractional parts of the square roots of the first eight primes. */
    state[0] = 0x6a09e667, state[1] = 0xbb67ae85, state[2] = 0x3c6ef372, state[3] = 0xa54ff53a;
    state[4] = 0x510e527f, state[5] = 0x9b05688c, state[6] = 0x1f83d9ab, state[7] = 0x5be0cd19;
}

/* Section 5.1.1: a one bit, zeros, and the length in bits as a big-endian 64-bit number fill the last blocks. */
static void finish(const uint8_t *rest, uint32_t rest_length, uint64_t total) {
    uint8_t block[2 * BLOCK];
    uint32_t length = rest_length < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    for (uint32_t i = 0; i < length; i++) {
        block[i] = i < rest_length ? rest[i] : i == rest_length ? 0x80 : 0;
    }
    for (uint32_t i = 0; i < 8; i++) {
        block[length - 1 - i] = (uint8_t)(total * 8 >> (8 * i));
    }
    compress(block);
    if (length > BLOCK) compress(block + BLOCK);
    for (unsigned i = 0; i < 32; i++) {
        digest_bytes[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

/* Where the message goes, and how many bytes fit. */
uint8_t *buffer(void) { return message; }
uint32_t capacity(void) { return CAPACITY; }

/* Where the 32 bytes of the last digest are. */
uint8_t *digest(void) { return digest_bytes; }

/* Hashes the first `length` bytes of the buffer; returns 1, or 0 if that is more than the buffer holds. */
int32_t sha256(uint32_t length) {
    if (length > CAPACITY) return 0;
    start();
    uint32_t done = 0;
    for (; length - done >= BLOCK; done += BLOCK) compress(message + done);
    finish(message + done, length - done, length);
    return 1;
}

/* The i-th 32-bit word of the last digest, as i32. */
uint32_t sha256_word(uint32_t i) { return state[i & 7]; }

/* Word i of the digest of "abc" as an unsigned number: word 0 is 0xba7816bf = 3128432319. */
uint64_t sha256_abc_word(uint32_t i) {
    message[0] = 'a', message[1] = 'b', message[2] = 'c';
    sha256(3);
    return state[i & 7];
}

/* Word 0 after hashing a million letters "a": the third example of FIPS 180-2; 0xcdc76e5c = 3452399196. */
uint64_t sha256_million_a(void) {
    static uint8_t block[BLOCK];
    for (unsigned i = 0; i < BLOCK; i++) block[i] = 'a';
    start();
    for (unsigned i = 0; i < 1000000 / BLOCK; i++) compress(block);
    finish(block, 1000000 % BLOCK, 1000000);
    return state[0];
}
