/* Heapsort of 32,768 random integers; `n` sorts. */
#include "random.h"

#define SIZE 32768

static int32_t items[SIZE];

static void sift(int32_t root, int32_t end) {
    int32_t value = items[root];
    for (;;) {
        int32_t child = 2 * root + 1;
        if (child >= end) break;
        if (child + 1 < end && items[child + 1] > items[child]) child++;
        if (items[child] <= value) break;
        items[root] = items[child];
        root = child;
    }
    items[root] = value;
}

static void sort(void) {
    for (int32_t i = SIZE / 2 - 1; i >= 0; i--) sift(i, SIZE);
    for (int32_t end = SIZE - 1; end > 0; end--) {
        int32_t top = items[0];
        items[0] = items[end], items[end] = top;
        sift(0, end);
    }
}

int32_t run(int32_t n) {
    seed(9);
    uint32_t sum = 0;
    for (int32_t round = 0; round < n; round++) {
        for (int i = 0; i < SIZE; i++) items[i] = (int32_t)next_random();
        sort();
        sum = sum * 31 + (uint32_t)items[SIZE / 3];
    }
    return (int32_t)sum;
}

/* Neighbours out of order after sorting, and one more if the sum has changed: 0. */
int32_t known(void) {
    seed(10);
    uint32_t before = 0, after = 0, wrong = 0;
    for (int i = 0; i < SIZE; i++) before += (uint32_t)(items[i] = (int32_t)next_random());
    sort();
    for (int i = 0; i < SIZE; i++) after += (uint32_t)items[i], wrong += i > 0 && items[i - 1] > items[i];
    return (int32_t)(wrong + (before != after));
}
