/* Cooley and Tukey's transform in place, radix 2, over 4,096 complex doubles; `n` transforms there and back. */
#include "random.h"

#define BITS 12
#define SIZE (1 << BITS)

static double re[SIZE], im[SIZE], cosines[SIZE / 2], sines[SIZE / 2];

/* The roots of unity by halving: exact enough from one square root a bit, without a table of sines. */
static void make_roots(void) {
    double c[BITS], s[BITS]; /* of 2π / 2^(bit + 1) */
    c[0] = -1, s[0] = 0;
    c[1] = 0, s[1] = 1;
    for (int bit = 2; bit < BITS; bit++) {
        c[bit] = __builtin_sqrt((1 + c[bit - 1]) / 2);
        s[bit] = s[bit - 1] / (2 * c[bit]);
    }
    for (int k = 0; k < SIZE / 2; k++) {
        double x = 1, y = 0;
        for (int bit = 0; bit < BITS; bit++) {
            if (!(k >> (BITS - 1 - bit) & 1)) continue;
            double turned = x * c[bit] - y * s[bit];
            y = x * s[bit] + y * c[bit];
            x = turned;
        }
        cosines[k] = x, sines[k] = y;
    }
}

/* `sign` is -1 for the transform and 1 for its inverse, not scaled. */
static void transform(double sign) {
    for (uint32_t i = 1, j = 0; i < SIZE; i++) {
        uint32_t bit = SIZE >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            double x = re[i], y = im[i];
            re[i] = re[j], im[i] = im[j], re[j] = x, im[j] = y;
        }
    }
    for (uint32_t half = 1; half < SIZE; half <<= 1) {
        uint32_t stride = SIZE / 2 / half;
        for (uint32_t start = 0; start < SIZE; start += 2 * half) {
            for (uint32_t k = 0; k < half; k++) {
                uint32_t low = start + k, high = low + half;
                double c = cosines[k * stride], s = sign * sines[k * stride];
                double x = re[high] * c - im[high] * s, y = re[high] * s + im[high] * c;
                re[high] = re[low] - x, im[high] = im[low] - y;
                re[low] += x, im[low] += y;
            }
        }
    }
}

int32_t run(int32_t n) {
    make_roots();
    seed(3);
    for (int i = 0; i < SIZE; i++) re[i] = (double)(next_random() % 2000) - 1000, im[i] = 0;
    double sum = 0;
    for (int32_t round = 0; round < n; round++) {
        transform(-1);
        sum += re[1 + round % (SIZE - 1)];
        transform(1);
        for (int i = 0; i < SIZE; i++) re[i] /= SIZE, im[i] /= SIZE;
    }
    return (int32_t)(int64_t)(sum * 100);
}

/* The bin of the highest peak of a wave of 100 periods: 100. */
int32_t known(void) {
    make_roots();
    for (int i = 0; i < SIZE; i++) {
        int k = i * 100 % SIZE;
        re[i] = k < SIZE / 2 ? cosines[k] : -cosines[k - SIZE / 2], im[i] = 0;
    }
    transform(-1);
    int32_t peak = 0;
    for (int i = 1; i < SIZE / 2; i++)
        if (re[i] * re[i] + im[i] * im[i] > re[peak] * re[peak] + im[peak] * im[peak]) peak = i;
    return peak;
}
