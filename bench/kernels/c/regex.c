/*
 * Thompson's simulation of a regular expression as a set of states, over 16 KiB of text: literals, `.`, classes
 * `[a-z]`, groups, `|`, `*`, `+` and `?`. `n` times the matches of four expressions are counted at every place.
 */
#include "text.h"

#define SIZE 16384u
#define STATES 128

enum op { BYTE, ANY, RANGE, SPLIT, MATCH };

struct state {
    enum op op;
    uint8_t low, high;
    int16_t next, other; /* -1: not yet known */
};

struct piece {
    int16_t start;
    int16_t ends; /* a list through the ends that are open; bit 15 of a link says that it is in `other` */
};

static uint8_t text[SIZE];
static struct state states[STATES];
static int16_t made;
static const char *pattern;

static int16_t make(enum op op, uint8_t low, uint8_t high) {
    states[made] = (struct state){op, low, high, -1, -1};
    return made++;
}

/* Open ends are kept as numbers: state · 2, and 1 more for `other`. */
static int16_t *end_at(int16_t end) { return end & 1 ? &states[end >> 1].other : &states[end >> 1].next; }

static void patch(int16_t ends, int16_t target) {
    while (ends >= 0) {
        int16_t *end = end_at(ends), link = *end;
        *end = target;
        ends = link;
    }
}

static int16_t join(int16_t ends, int16_t more) {
    if (ends < 0) return more;
    int16_t at = ends;
    while (*end_at(at) >= 0) at = *end_at(at);
    *end_at(at) = more;
    return ends;
}

static struct piece alternatives(void);

static struct piece atom(void) {
    char c = *pattern++;
    if (c == '(') {
        struct piece group = alternatives();
        pattern++;
        return group;
    }
    int16_t state;
    if (c == '[') {
        state = make(RANGE, (uint8_t)pattern[0], (uint8_t)pattern[2]);
        pattern += 4;
    } else {
        state = make(c == '.' ? ANY : BYTE, (uint8_t)c, 0);
    }
    return (struct piece){state, (int16_t)(state * 2)};
}

static struct piece repeated(void) {
    struct piece piece = atom();
    for (; *pattern == '*' || *pattern == '+' || *pattern == '?'; pattern++) {
        int16_t split = make(SPLIT, 0, 0), open = (int16_t)(split * 2 + 1);
        states[split].next = piece.start;
        if (*pattern == '?') {
            piece = (struct piece){split, join(piece.ends, open)};
        } else {
            patch(piece.ends, split);
            piece = (struct piece){*pattern == '*' ? split : piece.start, open};
        }
    }
    return piece;
}

static struct piece sequence(void) {
    struct piece all = repeated();
    while (*pattern && *pattern != '|' && *pattern != ')') {
        struct piece next = repeated();
        patch(all.ends, next.start);
        all.ends = next.ends;
    }
    return all;
}

static struct piece alternatives(void) {
    struct piece all = sequence();
    while (*pattern == '|') {
        pattern++;
        struct piece other = sequence();
        int16_t split = make(SPLIT, 0, 0);
        states[split].next = all.start, states[split].other = other.start;
        all = (struct piece){split, join(all.ends, other.ends)};
    }
    return all;
}

static int16_t compile(const char *source) {
    made = 0, pattern = source;
    struct piece all = alternatives();
    patch(all.ends, make(MATCH, 0, 0));
    return all.start;
}

struct set {
    int16_t members[STATES];
    uint32_t count;
};

static uint32_t marks[STATES], generation;

static void add(struct set *set, int16_t state) {
    if (marks[state] == generation) return;
    marks[state] = generation;
    if (states[state].op == SPLIT) {
        add(set, states[state].next);
        add(set, states[state].other);
        return;
    }
    set->members[set->count++] = state;
}

static int accepts(const struct state *state, uint8_t c) {
    switch (state->op) {
    case BYTE: return c == state->low;
    case ANY: return c != '\n';
    case RANGE: return c >= state->low && c <= state->high;
    default: return 0;
    }
}

/* Length of the longest match that starts at `from`; -1 for none. */
static int32_t longest(int16_t start, uint32_t from, uint32_t length) {
    static struct set sets[2];
    struct set *now = &sets[0], *next = &sets[1];
    int32_t found = -1;
    now->count = 0, generation++;
    add(now, start);
    for (uint32_t at = from; now->count > 0; at++) {
        for (uint32_t i = 0; i < now->count; i++)
            if (states[now->members[i]].op == MATCH) found = (int32_t)(at - from);
        if (at >= length) break;
        next->count = 0, generation++;
        for (uint32_t i = 0; i < now->count; i++) {
            const struct state *state = &states[now->members[i]];
            if (accepts(state, text[at])) add(next, state->next);
        }
        struct set *swapped = now;
        now = next, next = swapped;
    }
    return found;
}

static uint32_t matches(const char *source, uint32_t length) {
    int16_t start = compile(source);
    uint32_t sum = 0;
    for (uint32_t from = 0; from < length; from++) {
        int32_t found = longest(start, from, length);
        if (found > 0) sum = sum * 3 + (uint32_t)found;
    }
    return sum;
}

int32_t run(int32_t n) {
    static const char *const sources[] = {
        "[a-f]+ [g-z]+", "(a|e|i|o|u)[a-z]*(a|e|i|o|u)", "t.?.?h|s(o|a)*", "([a-m][n-z])+",
    };
    seed(12);
    make_text(text, SIZE);
    uint32_t sum = 0;
    for (int32_t round = 0; round < n; round++) {
        text[round % (int32_t)SIZE] = 'z';
        for (int i = 0; i < 4; i++) sum = sum * 31 + matches(sources[i], SIZE);
    }
    return (int32_t)sum;
}

/* `a(b|c)*d` in "abcbd" is 5 long; `x+y?` in it is not there. */
int32_t known(void) {
    const char *plain = "abcbd";
    for (uint32_t i = 0; i < 5; i++) text[i] = (uint8_t)plain[i];
    int32_t found = longest(compile("a(b|c)*d"), 0, 5);
    return found * 10 + longest(compile("x+y?"), 0, 5);
}
