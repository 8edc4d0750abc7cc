/*
 * Memory loops as a C library without bulk operations has them: copy by bytes and by words, fill, compare; `n` times
 * over 64 KiB.
 */
#include "random.h"

#define SIZE 65536u

static uint64_t from[SIZE / 8], to[SIZE / 8];

/* The empty statement keeps the compiler from turning a loop into the instruction that does the same. */
#define OPAQUE() __asm__ volatile("")

static void copy_bytes(uint8_t *target, const uint8_t *source, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        target[i] = source[i];
        OPAQUE();
    }
}

static void copy_words(uint64_t *target, const uint64_t *source, uint32_t count) {
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        target[i] = source[i], target[i + 1] = source[i + 1];
        target[i + 2] = source[i + 2], target[i + 3] = source[i + 3];
        OPAQUE();
    }
    for (; i < count; i++) target[i] = source[i];
}

static void fill(uint64_t *target, uint8_t value, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        target[i] = value * 0x0101010101010101u;
        OPAQUE();
    }
}

static int32_t compare(const uint8_t *a, const uint8_t *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (a[i] != b[i]) return a[i] - b[i];
    }
    return 0;
}

int32_t run(int32_t n) {
    uint8_t *source = (uint8_t *)from, *target = (uint8_t *)to;
    seed(18);
    for (uint32_t i = 0; i < SIZE; i++) source[i] = (uint8_t)next_random();
    uint32_t sum = 0;
    for (int32_t round = 0; round < n; round++) {
        fill(to, (uint8_t)round, SIZE / 8);
        copy_bytes(target + (round & 7), source, SIZE / 2);
        sum = sum * 31 + target[SIZE / 4] + (uint32_t)compare(target + (round & 7), source, SIZE / 2);
        copy_words(to, from, SIZE / 8);
        source[round & 0xffff]++;
        sum = sum * 31 + (uint32_t)compare(target, source, SIZE);
    }
    return (int32_t)sum;
}

/* Bytes that differ after copying in two ways, the neighbours of the target included: 0. */
int32_t known(void) {
    uint8_t *source = (uint8_t *)from, *target = (uint8_t *)to;
    for (uint32_t i = 0; i < SIZE; i++) source[i] = (uint8_t)(i * 7);
    fill(to, 0xaa, SIZE / 8);
    copy_bytes(target + 3, source + 5, 100);
    int32_t wrong = (compare(target + 3, source + 5, 100) != 0) + (target[2] != 0xaa) + (target[103] != 0xaa);
    copy_words(to, from, SIZE / 8 - 1);
    return wrong + (compare(target, source, SIZE - 8) != 0) + (target[SIZE - 1] != 0xaa);
}
