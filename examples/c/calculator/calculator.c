/*
 * Evaluates arithmetic written as text. The caller writes the text at `buffer()` and calls `evaluate(length)`; the
 * recursive-descent parser follows this grammar:
 *
 *   sum     = product { ("+" | "-") product }
 *   product = sign { ("*" | "/" | "%") sign }
 *   sign    = [ "-" | "+" ] sign | power
 *   power   = atom [ "^" sign ]                    right to left: 2^3^2 is 512, -2^2 is -4
 *   atom    = number | "(" sum ")" | "sqrt" "(" sum ")" | "abs" "(" sum ")" | "pi"
 *
 * Nothing bounds the nesting but the guest's stack: a text of parentheses alone overflows it, and is stopped.
 */
#include <stdint.h>

#define CAPACITY 65536u

static char text[CAPACITY];
static uint32_t end, at;
static int32_t failed_at;

static double sum(void);

static double fail(void) {
    if (failed_at < 0) failed_at = (int32_t)at;
    return 0;
}

static void skip_space(void) {
    while (at < end && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n')) at++;
}

static int take(char wanted) {
    skip_space();
    if (at >= end || text[at] != wanted) return 0;
    at++;
    return 1;
}

static int take_word(const char *word) {
    skip_space();
    uint32_t length = 0;
    for (; word[length]; length++) {
        if (at + length >= end || text[at + length] != word[length]) return 0;
    }
    at += length;
    return 1;
}

static int is_digit(void) { return at < end && text[at] >= '0' && text[at] <= '9'; }

/* Digits are collected as one integer and scaled once, so that "0.1" is the double nearest to a tenth. */
static double number(void) {
    double digits = 0, scale = 1;
    int seen = 0;
    for (; is_digit(); at++, seen = 1) digits = digits * 10 + (text[at] - '0');
    if (at < end && text[at] == '.') {
        at++;
        for (; is_digit(); at++, seen = 1) digits = digits * 10 + (text[at] - '0'), scale *= 10;
    }
    return seen ? digits / scale : fail();
}

static double in_parentheses(void) {
    if (!take('(')) return fail();
    double value = sum();
    return take(')') ? value : fail();
}

static double atom(void) {
    skip_space();
    if (at < end && text[at] == '(') return in_parentheses();
    if (take_word("sqrt")) return __builtin_sqrt(in_parentheses());
    if (take_word("abs")) return __builtin_fabs(in_parentheses());
    if (take_word("pi")) return 3.141592653589793;
    return number();
}

/* Whole exponents only; squaring keeps the steps logarithmic. */
static double raise(double base, double exponent) {
    if (exponent != __builtin_trunc(exponent) || __builtin_fabs(exponent) > 1024) return fail();
    int32_t left = (int32_t)__builtin_fabs(exponent);
    double result = 1;
    for (; left > 0; left >>= 1, base *= base) {
        if (left & 1) result *= base;
    }
    return exponent < 0 ? 1 / result : result;
}

static double sign(void);

static double power(void) {
    double base = atom();
    return take('^') ? raise(base, sign()) : base;
}

static double sign(void) {
    if (take('-')) return -sign();
    if (take('+')) return sign();
    return power();
}

static double remainder_of(double a, double b) { return a - b * __builtin_trunc(a / b); }

static double product(void) {
    double value = sign();
    for (;;) {
        if (take('*')) value *= sign();
        else if (take('/')) value /= sign();
        else if (take('%')) value = remainder_of(value, sign());
        else return value;
    }
}

static double sum(void) {
    double value = product();
    for (;;) {
        if (take('+')) value += product();
        else if (take('-')) value -= product();
        else return value;
    }
}

/* Where the text goes, and how many bytes fit. */
char *buffer(void) { return text; }
uint32_t capacity(void) { return CAPACITY; }

/* The value of the first `length` bytes of the text, or NaN; then `error_at()` tells where it went wrong. */
double evaluate(uint32_t length) {
    at = 0, failed_at = -1, end = length < CAPACITY ? length : CAPACITY;
    double value = sum();
    skip_space();
    if (at != end) fail();
    return failed_at < 0 ? value : __builtin_nan("");
}

/* Offset of the first error of the last evaluation, -1 if there was none. */
int32_t error_at(void) { return failed_at; }

static const char *const SAMPLES[] = {
    "1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "sqrt(3^2 + 4^2)", "-2 ^ 2", "0.1 + 0.2", "7 % 4 - 10 / 4", "2 * (3",
};

/* Evaluates one of eight texts that the module brings along, so that it can be tried with plain numbers. */
double sample(uint32_t index) {
    const char *source = SAMPLES[index % (sizeof SAMPLES / sizeof SAMPLES[0])];
    uint32_t length = 0;
    for (; source[length]; length++) text[length] = source[length];
    return evaluate(length);
}

/* Evaluates `depth` nested parentheses around a one. Deep enough, it meets the stack limit. */
double nested(uint32_t depth) {
    if (depth > CAPACITY / 2 - 1) depth = CAPACITY / 2 - 1;
    for (uint32_t i = 0; i < depth; i++) text[i] = '(', text[depth + 1 + i] = ')';
    text[depth] = '1';
    return evaluate(2 * depth + 1);
}
