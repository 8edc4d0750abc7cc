/* Ackermann's function, ack(2, 300) `n` times: a recursion that is up to 600 calls deep. */
#include <stdint.h>

__attribute__((noinline)) static int32_t ackermann(int32_t m, int32_t n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

int32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) sum = sum * 31 + (uint32_t)ackermann(2, 300 + (i & 3));
    return (int32_t)sum;
}

/* ack(2, 3) = 9. */
int32_t known(void) { return ackermann(2, 3); }
