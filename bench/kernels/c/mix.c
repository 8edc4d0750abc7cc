/*
 * What embedded benchmarks mix: a linked list that is searched, sorted and reversed, a small integer matrix, a state
 * machine that reads numbers, and a CRC-16 over all results; `n` rounds.
 */
#include "random.h"

#define ITEMS 200
#define SIZE 12
#define INPUT 600

struct item {
    struct item *next;
    int16_t value, place;
};

enum state { START, SIGN, WHOLE, POINT, FRACTION, EXPONENT, SCALE, INVALID, STATES };

static struct item items[ITEMS];
static int16_t left[SIZE][SIZE], right[SIZE][SIZE];
static int32_t product[SIZE][SIZE];
static uint8_t input[INPUT];

/* CRC-16/ARC, a bit at a time. */
static uint16_t crc_byte(uint16_t crc, uint8_t byte) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xa001) : (uint16_t)(crc >> 1);
    return crc;
}

static uint16_t crc_word(uint16_t crc, uint32_t word) {
    for (int i = 0; i < 4; i++) crc = crc_byte(crc, (uint8_t)(word >> 8 * i));
    return crc;
}

static struct item *merge(struct item *a, struct item *b) {
    struct item head, *tail = &head;
    while (a && b) {
        struct item **from = a->value <= b->value ? &a : &b;
        tail = tail->next = *from;
        *from = (*from)->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

static struct item *sort(struct item *list) {
    struct item *bins[12] = {0};
    while (list) {
        struct item *one = list;
        list = list->next, one->next = 0;
        int bin = 0;
        for (; bins[bin]; bin++) one = merge(bins[bin], one), bins[bin] = 0;
        bins[bin] = one;
    }
    struct item *all = 0;
    for (int bin = 0; bin < 12; bin++) all = bins[bin] ? merge(bins[bin], all) : all;
    return all;
}

static struct item *reverse(struct item *list) {
    struct item *done = 0;
    while (list) {
        struct item *next = list->next;
        list->next = done, done = list, list = next;
    }
    return done;
}

static uint16_t use_list(uint16_t crc) {
    for (int i = 0; i < ITEMS; i++) {
        items[i] = (struct item){i + 1 < ITEMS ? &items[i + 1] : 0, (int16_t)next_random(), (int16_t)i};
    }
    struct item *list = reverse(sort(items));
    for (int i = 0; i < 20; i++) {
        int16_t place = (int16_t)(next_random() % ITEMS);
        const struct item *at = list;
        while (at && at->place != place) at = at->next;
        crc = crc_word(crc, (uint32_t)at->value);
    }
    return crc;
}

static uint16_t use_matrix(uint16_t crc) {
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) left[i][j] = (int16_t)next_random(), right[i][j] = (int16_t)(i * j);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIZE; k++) sum += left[i][k] * right[k][j];
            product[i][j] = sum >> 2 & 0xffff;
        }
    for (int i = 0; i < SIZE; i++) crc = crc_word(crc, (uint32_t)product[i][SIZE - 1 - i]);
    return crc;
}

static enum state step(enum state state, uint8_t c) {
    int digit = c >= '0' && c <= '9';
    switch (state) {
    case START: return digit ? WHOLE : c == '+' || c == '-' ? SIGN : c == '.' ? POINT : INVALID;
    case SIGN: return digit ? WHOLE : c == '.' ? POINT : INVALID;
    case WHOLE: return digit ? WHOLE : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case POINT: return digit ? FRACTION : INVALID;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return digit || c == '+' || c == '-' ? SCALE : INVALID;
    case SCALE: return digit ? SCALE : INVALID;
    default: return INVALID;
    }
}

static uint16_t use_machine(uint16_t crc) {
    static const uint8_t alphabet[] = "0123456789.e+-,,";
    uint32_t counts[STATES] = {0};
    for (int i = 0; i < INPUT; i++) input[i] = alphabet[next_random() & 15];
    enum state state = START;
    for (int i = 0; i < INPUT; i++) {
        if (input[i] == ',') counts[state]++, state = START;
        else state = step(state, input[i]);
    }
    for (int i = 0; i < STATES; i++) crc = crc_word(crc, counts[i]);
    return crc;
}

int32_t run(int32_t n) {
    seed(14);
    uint16_t crc = 0;
    for (int32_t i = 0; i < n; i++) crc = use_machine(use_matrix(use_list(crc)));
    return crc;
}

/* The check value of CRC-16/ARC, over "123456789": 0xbb3d. */
int32_t known(void) {
    uint16_t crc = 0;
    for (int i = 0; i < 9; i++) crc = crc_byte(crc, (uint8_t)('1' + i));
    return crc;
}
