/* Filters for pictures in grey: a byte for each point, row by row. Freestanding: needs no libc. */
#include "../guest/aegis.h"

/* In place: the result lies where the argument lies. */
AEGIS_EXPORT("invert", "(bytes, i32) -> bytes")
aegis_content invert(uint8_t *points, uint32_t length, uint32_t width) {
    (void)width;
    for (uint32_t at = 0; at < length; at++) points[at] = 255 - points[at];
    return aegis_result(points, length);
}

/* A point and its neighbours, by row and column from -1 to 1; the edge goes on outside of the picture. */
static int32_t near(const uint8_t *points, uint32_t length, uint32_t width, uint32_t at, int32_t down, int32_t right) {
    const int32_t rows = (int32_t)(length / width), columns = (int32_t)width;
    int32_t y = (int32_t)(at / width) + down, x = (int32_t)(at % width) + right;
    y = y < 0 ? 0 : y >= rows ? rows - 1 : y;
    x = x < 0 ? 0 : x >= columns ? columns - 1 : x;
    return points[y * columns + x];
}

#define NEAR(down, right) near(points, length, width, at, down, right)

/* A picture of the same size, and nothing for what is no picture. */
static uint8_t *start(uint32_t length, uint32_t width) {
    if (width == 0 || width > length || length % width != 0) return 0;
    return aegis_alloc(length);
}

AEGIS_EXPORT("blur", "(bytes, i32) -> bytes")
aegis_content blur(const uint8_t *points, uint32_t length, uint32_t width) {
    uint8_t *to = start(length, width);
    if (to == 0) __builtin_trap();
    for (uint32_t at = 0; at < length; at++) {
        int32_t sum = 0;
        for (int32_t down = -1; down <= 1; down++) {
            for (int32_t right = -1; right <= 1; right++) sum += NEAR(down, right);
        }
        to[at] = (uint8_t)(sum / 9);
    }
    return aegis_result(to, length);
}

/* Where it gets lighter or darker, by Sobel's two masks. */
AEGIS_EXPORT("edges", "(bytes, i32) -> bytes")
aegis_content edges(const uint8_t *points, uint32_t length, uint32_t width) {
    uint8_t *to = start(length, width);
    if (to == 0) __builtin_trap();
    for (uint32_t at = 0; at < length; at++) {
        int32_t x = NEAR(-1, 1) + 2 * NEAR(0, 1) + NEAR(1, 1) - NEAR(-1, -1) - 2 * NEAR(0, -1) - NEAR(1, -1);
        int32_t y = NEAR(1, -1) + 2 * NEAR(1, 0) + NEAR(1, 1) - NEAR(-1, -1) - 2 * NEAR(-1, 0) - NEAR(-1, 1);
        int32_t steep = ((x < 0 ? -x : x) + (y < 0 ? -y : y)) / 4;
        to[at] = (uint8_t)(steep > 255 ? 255 : steep);
    }
    return aegis_result(to, length);
}
