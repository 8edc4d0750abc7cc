/* Tables of function pointers: 1,024 shapes of five kinds, grown and asked for area by call_indirect; `n` × 100. */
#include "random.h"

#define SHAPES 1024
#define KINDS 5

struct shape;

struct methods {
    int32_t (*area)(const struct shape *);
    void (*grow)(struct shape *, int32_t);
};

struct shape {
    const struct methods *methods;
    int32_t width, height;
};

static int32_t square_area(const struct shape *s) { return s->width * s->width; }
static int32_t rectangle_area(const struct shape *s) { return s->width * s->height; }
static int32_t triangle_area(const struct shape *s) { return s->width * s->height / 2; }
static int32_t frame_area(const struct shape *s) { return s->width * s->height - (s->width - 2) * (s->height - 2); }
static int32_t disc_area(const struct shape *s) { return s->width * s->width * 355 / 113; }

static void grow_width(struct shape *s, int32_t by) { s->width = (s->width + by) & 255; }
static void grow_height(struct shape *s, int32_t by) { s->height = (s->height + by) & 255; }
static void grow_both(struct shape *s, int32_t by) { grow_width(s, by), grow_height(s, by); }

static const struct methods kinds[KINDS] = {
    {square_area, grow_width}, {rectangle_area, grow_both}, {triangle_area, grow_height},
    {frame_area, grow_both},   {disc_area, grow_width},
};

static struct shape shapes[SHAPES];

static uint32_t areas(void) {
    uint32_t sum = 0;
    for (int i = 0; i < SHAPES; i++) sum += (uint32_t)shapes[i].methods->area(&shapes[i]);
    return sum;
}

int32_t run(int32_t n) {
    seed(17);
    for (int i = 0; i < SHAPES; i++) {
        const struct methods *methods = &kinds[next_random() % KINDS];
        shapes[i] = (struct shape){methods, (int32_t)(next_random() & 255), (int32_t)(next_random() & 255)};
    }
    uint32_t sum = 0;
    for (int32_t round = 0; round < n * 100; round++) {
        for (int i = 0; i < SHAPES; i++) shapes[i].methods->grow(&shapes[i], round & 7);
        sum = sum * 31 + areas();
    }
    return (int32_t)sum;
}

/* One of each kind, 6 wide and 4 high, and the rest empty squares: 36 + 24 + 12 + 16 + 113 = 201. */
int32_t known(void) {
    for (int i = 0; i < SHAPES; i++) {
        shapes[i] = (struct shape){&kinds[i < KINDS ? i : 0], i < KINDS ? 6 : 0, i < KINDS ? 4 : 0};
    }
    return (int32_t)areas();
}
