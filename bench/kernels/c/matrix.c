/* Product of two square matrices of 96 × 96 doubles, the textbook's three loops; `n` products. */
#include "random.h"

#define SIZE 96

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            double sum = 0;
            for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
    }
}

static void fill(double (*matrix)[SIZE]) {
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) matrix[i][j] = (double)(next_random() % 1000) / 1000;
}

int32_t run(int32_t n) {
    seed(1);
    fill(a);
    fill(b);
    double trace = 0;
    for (int32_t round = 0; round < n; round++) {
        a[0][0] = round;
        multiply();
        for (int i = 0; i < SIZE; i++) trace += c[i][i];
    }
    return (int32_t)(int64_t)trace;
}

/* How many elements a product with the identity changes: none. */
int32_t known(void) {
    seed(2);
    fill(a);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) b[i][j] = i == j;
    multiply();
    int32_t changed = 0;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) changed += a[i][j] != c[i][j];
    return changed;
}
