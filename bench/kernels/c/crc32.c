/* CRC-32 as in zip and PNG (reflected, 0xEDB88320), a table and a byte at a time, over 64 KiB; `n` passes. */
#include "random.h"

#define SIZE 65536u

static uint8_t data[SIZE];
static uint32_t table[256];

static void make_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
        table[i] = value;
    }
}

static uint32_t crc(uint32_t value, uint32_t length) {
    value = ~value;
    for (uint32_t i = 0; i < length; i++) value = table[(value ^ data[i]) & 255] ^ value >> 8;
    return ~value;
}

int32_t run(int32_t n) {
    seed(6);
    make_table();
    for (uint32_t i = 0; i < SIZE; i++) data[i] = (uint8_t)next_random();
    uint32_t value = 0;
    for (int32_t i = 0; i < n; i++) value = crc(value, SIZE);
    return (int32_t)value;
}

/* The check value of the definition, over "123456789": 0xcbf43926. */
int32_t known(void) {
    make_table();
    for (uint32_t i = 0; i < 9; i++) data[i] = (uint8_t)('1' + i);
    return (int32_t)crc(0, 9);
}
