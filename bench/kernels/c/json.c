/* A recursive-descent parser of JSON that builds a tree in an arena, over 32 KiB of generated records; `n` parses. */
#include "random.h"

#define SIZE 32768u
#define NODES 16384u

enum kind { NUL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT };

struct node {
    enum kind kind;
    double number;          /* of a NUMBER */
    uint32_t length;        /* bytes of a STRING, or items */
    const uint8_t *text;    /* of a STRING, without its quotes, escapes as they stand */
    struct node *first, *next, *key;
};

static uint8_t text[SIZE + 256];
static struct node nodes[NODES];
static uint32_t used;
static const uint8_t *at, *end;
static int failed;

static struct node *make(enum kind kind) {
    struct node *node = &nodes[used < NODES - 1 ? used++ : NODES - 1];
    node->kind = kind, node->number = 0, node->length = 0, node->text = 0;
    node->first = node->next = node->key = 0;
    return node;
}

static void skip(void) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) at++;
}

static int take(uint8_t c) {
    skip();
    if (at >= end || *at != c) return 0;
    at++;
    return 1;
}

static struct node *word(const char *letters, enum kind kind) {
    for (; *letters; letters++, at++)
        if (at >= end || *at != (uint8_t)*letters) failed = 1;
    return make(kind);
}

static struct node *string(void) {
    struct node *node = make(STRING);
    node->text = ++at;
    while (at < end && *at != '"') {
        if (*at == '\\') at++;
        at++;
    }
    if (at >= end) failed = 1;
    node->length = (uint32_t)(at++ - node->text);
    return node;
}

static int digit(void) { return at < end && *at >= '0' && *at <= '9'; }

static struct node *number(void) {
    struct node *node = make(NUMBER);
    int negative = *at == '-';
    if (negative) at++;
    if (!digit()) failed = 1;
    double value = 0, scale = 1;
    while (digit()) value = value * 10 + (*at++ - '0');
    if (at < end && *at == '.') {
        at++;
        while (digit()) value = value * 10 + (*at++ - '0'), scale *= 10;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        int down = at < end && *at == '-', exponent = 0;
        if (down || (at < end && *at == '+')) at++;
        while (digit()) exponent = exponent * 10 + (*at++ - '0');
        while (exponent-- > 0) down ? (scale *= 10) : (value *= 10);
    }
    node->number = (negative ? -value : value) / scale;
    return node;
}

static struct node *value(void);

static struct node *list(enum kind kind, uint8_t close) {
    struct node *node = make(kind), **tail = &node->first;
    at++;
    if (take(close)) return node;
    do {
        struct node *key = 0;
        skip();
        if (kind == OBJECT) {
            if (at >= end || *at != '"') failed = 1;
            key = string();
            if (!take(':')) failed = 1;
        }
        *tail = value();
        (*tail)->key = key;
        tail = &(*tail)->next;
        node->length++;
    } while (!failed && take(','));
    if (!take(close)) failed = 1;
    return node;
}

static struct node *value(void) {
    skip();
    if (at >= end) {
        failed = 1;
        return make(NUL);
    }
    switch (*at) {
    case '{': return list(OBJECT, '}');
    case '[': return list(ARRAY, ']');
    case '"': return string();
    case 't': return word("true", TRUE);
    case 'f': return word("false", FALSE);
    case 'n': return word("null", NUL);
    default: return number();
    }
}

static struct node *parse(uint32_t length) {
    at = text, end = text + length, used = 0, failed = 0;
    struct node *root = value();
    skip();
    if (at != end) failed = 1;
    return root;
}

/* Every number, length and kind goes in, so nothing of the tree can be left out. */
static uint32_t sum(const struct node *node) {
    uint32_t total = (uint32_t)node->kind + node->length + (uint32_t)(int32_t)(node->number * 16);
    if (node->kind == STRING) total += node->length > 0 ? node->text[node->length - 1] : 0;
    if (node->key) total = total * 31 + sum(node->key);
    for (const struct node *child = node->first; child; child = child->next) total = total * 31 + sum(child);
    return total;
}

static uint32_t put(uint32_t to, const char *piece) {
    while (*piece) text[to++] = (uint8_t)*piece++;
    return to;
}

static uint32_t put_number(uint32_t to, uint32_t number) {
    uint8_t digits[10];
    int count = 0;
    do digits[count++] = (uint8_t)('0' + number % 10);
    while (number /= 10);
    while (count) text[to++] = digits[--count];
    return to;
}

static uint32_t record(uint32_t to, uint32_t id) {
    to = put_number(put(to, "{ \"id\": "), id);
    to = put(to, ", \"name\": \"item \\\"");
    for (uint32_t i = 3 + next_random() % 12; i > 0; i--) text[to++] = (uint8_t)('a' + next_random() % 26);
    to = put(to, "\\\"\", \"price\": ");
    to = put_number(to, next_random() % 1000);
    text[to++] = '.';
    to = put_number(to, 10 + next_random() % 90);
    to = put(to, next_random() & 1 ? ", \"sold\": true" : ", \"sold\": false");
    to = put(to, ", \"tags\": [");
    for (uint32_t i = next_random() % 5; i > 0; i--) {
        to = put_number(put(to, "-"), next_random() % 100);
        to = put(to, i > 1 ? "e1, " : "");
    }
    return put(to, "], \"owner\": { \"none\": null } }");
}

static uint32_t make_text(void) {
    uint32_t to = put(0, "[");
    for (uint32_t id = 0; to < SIZE; id++) to = record(id ? put(to, ",\n") : to, id);
    return put(to, "]");
}

int32_t run(int32_t n) {
    seed(11);
    uint32_t length = make_text(), total = 0;
    for (int32_t i = 0; i < n; i++) {
        text[9] = (uint8_t)('0' + i % 10);
        total = total * 31 + sum(parse(length)) + (uint32_t)failed;
    }
    return (int32_t)total;
}

/* 12.5 and the items of a list of three; or -1 when it cannot be read: 12.5 · 10 + 3. */
int32_t known(void) {
    const struct node *root = parse(put(0, " {\"a\": [1, 2, {}], \"b\": 125e-1} "));
    if (failed) return -1;
    return (int32_t)(root->first->next->number * 10) + (int32_t)root->first->length;
}
