/* Iterations of z² + c over a grid of 64 × 48 points, at most 200 each; `n` grids, each a little further in. */
#include <stdint.h>

#define WIDTH 64
#define HEIGHT 48
#define LIMIT 200

static int32_t escape(double cx, double cy) {
    double x = 0, y = 0;
    for (int32_t i = 0; i < LIMIT; i++) {
        double xx = x * x, yy = y * y;
        if (xx + yy > 4) return i;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
    }
    return LIMIT;
}

static int32_t grid(double scale) {
    int32_t sum = 0;
    for (int32_t row = 0; row < HEIGHT; row++)
        for (int32_t column = 0; column < WIDTH; column++)
            sum += escape((column * 3.0 / WIDTH - 1.5) * scale - 0.5, (row * 2.0 / HEIGHT - 1) * scale);
    return sum;
}

int32_t run(int32_t n) {
    int32_t sum = 0;
    for (int32_t i = 0; i < n; i++) sum = sum * 31 + grid(1 - (double)(i % 64) / 128);
    return sum;
}

/* Zero is in the set, 1 leaves the disc when it reaches 5, 2 when it reaches 6: 200 · 10,000 + 3 · 100 + 2. */
int32_t known(void) { return escape(0, 0) * 10000 + escape(1, 0) * 100 + escape(2, 0); }
