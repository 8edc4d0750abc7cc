/* Levenshtein's distance of two texts of 1,000 letters, by rows; `n` distances. */
#include "random.h"

#define SIZE 1000

static uint8_t a[SIZE], b[SIZE];
static int32_t row[SIZE + 1];

static int32_t distance(int32_t m, int32_t n) {
    for (int32_t j = 0; j <= n; j++) row[j] = j;
    for (int32_t i = 1; i <= m; i++) {
        int32_t diagonal = row[0];
        row[0] = i;
        for (int32_t j = 1; j <= n; j++) {
            int32_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

int32_t run(int32_t n) {
    seed(16);
    for (int i = 0; i < SIZE; i++) a[i] = (uint8_t)(next_random() % 8), b[i] = (uint8_t)(next_random() % 8);
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        a[i % SIZE] ^= 1;
        sum = sum * 31 + (uint32_t)distance(SIZE, SIZE);
    }
    return (int32_t)sum;
}

/* From "kitten" to "sitting": 3. */
int32_t known(void) {
    const char *from = "kitten", *to = "sitting";
    for (int i = 0; i < 6; i++) a[i] = (uint8_t)from[i];
    for (int i = 0; i < 7; i++) b[i] = (uint8_t)to[i];
    return distance(6, 7);
}
