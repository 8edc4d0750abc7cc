/*
 * Decimals of pi by Machin's formula, pi = 16 arctan(1/5) - 4 arctan(1/239), in fixed-point numbers of nine decimals
 * a limb. Limb 0 is the whole part. Two limbs beyond the wanted ones absorb the rounding of every division.
 */
#include <stdint.h>

#define BASE 1000000000u
#define GUARD 2u
#define LIMBS_MAX 1200u

static uint32_t pi[LIMBS_MAX], series[LIMBS_MAX], power[LIMBS_MAX], term[LIMBS_MAX];
static uint32_t limbs;

static void divide(uint32_t *quotient, const uint32_t *number, uint32_t divisor) {
    uint64_t rest = 0;
    for (uint32_t i = 0; i < limbs; i++) {
        uint64_t part = rest * BASE + number[i];
        quotient[i] = (uint32_t)(part / divisor);
        rest = part % divisor;
    }
}

static void add(uint32_t *to, const uint32_t *number) {
    uint32_t carry = 0;
    for (uint32_t i = limbs; i-- > 0;) {
        uint32_t part = to[i] + number[i] + carry;
        carry = part >= BASE;
        to[i] = carry ? part - BASE : part;
    }
}

static void subtract(uint32_t *from, const uint32_t *number) {
    uint32_t borrow = 0;
    for (uint32_t i = limbs; i-- > 0;) {
        uint32_t part = number[i] + borrow;
        borrow = from[i] < part;
        from[i] = from[i] + (borrow ? BASE : 0) - part;
    }
}

static int is_zero(const uint32_t *number) {
    for (uint32_t i = 0; i < limbs; i++) {
        if (number[i]) return 0;
    }
    return 1;
}

/* series = factor * arctan(1/x) = factor * (1/x - 1/3x^3 + 1/5x^5 - ...), until the terms vanish. */
static void arctan_of_inverse(uint32_t x, uint32_t factor) {
    for (uint32_t i = 0; i < limbs; i++) power[i] = series[i] = 0;
    power[0] = factor;
    divide(power, power, x);
    for (uint32_t odd = 1; !is_zero(power); odd += 2) {
        divide(term, power, odd);
        if (odd & 2) subtract(series, term);
        else add(series, term);
        divide(power, power, x * x);
    }
}

/* Computes at least `decimals` decimals; returns how many are there to read. */
uint32_t compute(uint32_t decimals) {
    uint32_t wanted = decimals / 9 + 1;
    if (wanted > LIMBS_MAX - GUARD - 1) wanted = LIMBS_MAX - GUARD - 1;
    limbs = 1 + wanted + GUARD;
    arctan_of_inverse(5, 16);
    for (uint32_t i = 0; i < limbs; i++) pi[i] = series[i];
    arctan_of_inverse(239, 4);
    subtract(pi, series);
    return wanted * 9;
}

/* Decimals 9i+1 to 9i+9 as one number: nine_decimals(0) is 141592653. */
uint32_t nine_decimals(uint32_t i) {
    if (i >= LIMBS_MAX - GUARD - 1) return 0;
    compute(9 * i + 8);
    return pi[i + 1];
}

/* The n-th decimal after the point, counted from one: 1, 4, 1, 5, 9. Decimals 762 to 767 are all 9. */
uint32_t decimal(uint32_t n) {
    if (n == 0) return 3;
    uint32_t limb = nine_decimals((n - 1) / 9);
    for (uint32_t right = 8 - (n - 1) % 9; right > 0; right--) limb /= 10;
    return limb % 10;
}
