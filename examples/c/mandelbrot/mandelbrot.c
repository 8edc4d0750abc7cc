/*
 * Renders the Mandelbrot set into memory as a binary PGM image ("P5"), which any image viewer opens. All arithmetic
 * is IEEE 754 double precision, in an order that the source fixes, so that every engine paints the same bytes.
 */
#include <stdint.h>

#define SIDE_MAX 1024u
#define HEADER_MAX 32u

static uint8_t image[HEADER_MAX + SIDE_MAX * SIDE_MAX];

static uint32_t write_text(uint32_t at, const char *text) {
    while (*text) image[at++] = (uint8_t)*text++;
    return at;
}

static uint32_t write_number(uint32_t at, uint32_t number) {
    uint32_t digits = 1;
    for (uint32_t rest = number; rest >= 10; rest /= 10) digits++;
    for (uint32_t i = digits; i-- > 0; number /= 10) image[at + i] = (uint8_t)('0' + number % 10);
    return at + digits;
}

/* Steps of z -> z*z + c before |z| passes 2, at most `limit`. */
static uint32_t escape_time(double cx, double cy, uint32_t limit) {
    double x = 0, y = 0, xx = 0, yy = 0;
    uint32_t step = 0;
    for (; step < limit && xx + yy <= 4; step++) {
        y = 2 * x * y + cy;
        x = xx - yy + cx;
        xx = x * x;
        yy = y * y;
    }
    return step;
}

/* Escape time of the centre of a pixel; the picture spans -2.25..0.75 by -1.5..1.5. */
static uint32_t pixel(uint32_t column, uint32_t row, uint32_t side, uint32_t limit) {
    double cx = -2.25 + 3 * (column + 0.5) / side;
    double cy = -1.5 + 3 * (row + 0.5) / side;
    return escape_time(cx, cy, limit);
}

/* Where the image lies. */
uint8_t *pixels(void) { return image; }

/* Paints a square image of `side` pixels; returns the size of the file in bytes, or 0 if `side` does not fit. */
uint32_t render(uint32_t side, uint32_t limit) {
    if (side == 0 || side > SIDE_MAX || limit == 0) return 0;
    uint32_t at = write_text(0, "P5\n");
    at = write_number(at, side);
    at = write_text(at, " ");
    at = write_number(at, side);
    at = write_text(at, "\n255\n");
    for (uint32_t row = 0; row < side; row++) {
        for (uint32_t column = 0; column < side; column++) {
            uint32_t time = pixel(column, row, side, limit);
            image[at++] = time == limit ? 0 : (uint8_t)(255 - time * 255 / limit);
        }
    }
    return at;
}

/* FNV-1a, 64 bits, of the first `length` bytes of the image, shifted to stay positive. */
uint64_t checksum(uint32_t length) {
    uint64_t hash = 0xcbf29ce484222325;
    for (uint32_t i = 0; i < length && i < sizeof image; i++) hash = (hash ^ image[i]) * 0x100000001b3;
    return hash >> 1;
}

/* Renders and sums up in one call. */
uint64_t render_checksum(uint32_t side, uint32_t limit) { return checksum(render(side, limit)); }

/* The set's area as this grid sees it, from the share of pixels that never escape. The true area is about 1.5066. */
double area(uint32_t side, uint32_t limit) {
    if (side == 0 || side > 65536) return 0;
    uint32_t inside = 0;
    for (uint32_t row = 0; row < side; row++) {
        for (uint32_t column = 0; column < side; column++) {
            if (pixel(column, row, side, limit) == limit) inside++;
        }
    }
    return 9.0 * inside / ((double)side * side);
}
