/* Marsaglia's 32-bit xorshift: the same numbers in every language, so that kernels written twice can be compared. */
#include <stdint.h>

static uint32_t random_state;

static void seed(uint32_t value) { random_state = value; }

static uint32_t next_random(void) {
    uint32_t x = random_state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return random_state = x;
}
