/* A Gaussian blur of 3 × 3 over a picture of 512 × 256 bytes, eight pixels at a time (SIMD); `n` passes. */
#include "random.h"
#include <wasm_simd128.h>

#define WIDTH 512
#define HEIGHT 256

static uint8_t picture[2][HEIGHT][WIDTH + 16];

static v128_t row(const uint8_t *at) {
    v128_t left = wasm_u16x8_load8x8(at - 1), middle = wasm_u16x8_load8x8(at), right = wasm_u16x8_load8x8(at + 1);
    return wasm_i16x8_add(wasm_i16x8_add(left, right), wasm_i16x8_shl(middle, 1));
}

static void blur(int from) {
    for (int y = 1; y < HEIGHT - 1; y++) {
        for (int x = 8; x < WIDTH; x += 8) {
            v128_t above = row(&picture[from][y - 1][x]), here = row(&picture[from][y][x]);
            v128_t below = row(&picture[from][y + 1][x]);
            v128_t sum = wasm_i16x8_add(wasm_i16x8_add(above, below), wasm_i16x8_shl(here, 1));
            v128_t result = wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_splat(8)), 4);
            wasm_v128_store64_lane(&picture[!from][y][x], wasm_u8x16_narrow_i16x8(result, result), 0);
        }
    }
}

static void fill(uint8_t value) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH + 16; x++) picture[0][y][x] = picture[1][y][x] = value;
}

int32_t run(int32_t n) {
    seed(15);
    fill(0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) picture[0][y][x] = (uint8_t)next_random();
    for (int32_t i = 0; i < n; i++) {
        blur(i & 1);
        picture[!(i & 1)][1 + i % (HEIGHT - 2)][8 + i % (WIDTH - 8)] = 255;
    }
    uint32_t sum = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) sum = sum * 31 + picture[n & 1][y][x];
    return (int32_t)sum;
}

/* A flat picture stays flat: the number of pixels that a pass changes is 0; and 16 alone becomes 4 in the middle. */
int32_t known(void) {
    fill(77);
    blur(0);
    int32_t changed = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) changed += picture[1][y][x] != 77;
    fill(0);
    picture[0][100][100] = 16;
    blur(0);
    return changed * 1000 + picture[1][100][100] * 100 + picture[1][99][100] * 10 + picture[1][99][99];
}
