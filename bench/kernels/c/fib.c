/* Fibonacci's numbers by their definition, of which the compiler makes a loop that calls; `n` is the index. */
#include <stdint.h>

__attribute__((noinline)) static int32_t fib(int32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int32_t run(int32_t n) { return fib(n); }

/* fib(20) = 6765. */
int32_t known(void) { return fib(20); }
