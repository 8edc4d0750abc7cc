/* An interpreter of a stack machine's bytecode, a switch in a loop; its program counts Collatz's steps; `n` runs. */
#include <stdint.h>

enum op {
    PUSH, LOAD, STORE, ADD, SUB, MUL, HALF, AND, LESS, EQUAL,
    JUMP, JUMP_IF, DUP, SWAP, DROP, OVER, NOT, CALL, RETURN, HALT,
};

#define TOP_START 4
#define LIMIT 300 /* the program runs through all starts below it */

/* Variables: 0 start, 1 value, 2 steps of all, 3 the limit. Targets of jumps are indexes of bytes. */
static const uint8_t program[] = {
    /*  0 */ PUSH, 1, STORE, 0,
    /*  4 */ LOAD, 0, STORE, 1,            /* value = start */
    /*  8 */ LOAD, 1, PUSH, 1, EQUAL,      /* while value ≠ 1 */
    /* 13 */ JUMP_IF, 46,
    /* 15 */ LOAD, 1, DUP, PUSH, 1, AND,   /*   odd? */
    /* 21 */ JUMP_IF, 28,
    /* 23 */ HALF, STORE, 1,
    /* 26 */ JUMP, 37,
    /* 28 */ PUSH, 3, MUL, PUSH, 1, ADD,   /*   3 · value + 1 */
    /* 34 */ STORE, 1, NOT,                /*   NOT of what lies below, which nothing reads */
    /* 37 */ LOAD, 2, PUSH, 1, ADD, STORE, 2,
    /* 44 */ JUMP, 8,
    /* 46 */ CALL, 60,                     /* start + 1 */
    /* 48 */ LOAD, 0, LOAD, 3, LESS,
    /* 53 */ JUMP_IF, 4,
    /* 55 */ LOAD, 2, HALT, HALT, HALT,
    /* 60 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, RETURN,
};

static int32_t stack[64], variables[4];
static uint32_t returns[16];

static int32_t interpret(const uint8_t *code, int32_t limit) {
    uint32_t pc = 0, depth = 0;
    int32_t *top = stack + TOP_START;
    variables[2] = 0, variables[3] = limit;
    for (int i = 0; i <= TOP_START; i++) stack[i] = 0;
    for (;;) {
        switch ((enum op)code[pc++]) {
        case PUSH: *++top = code[pc++]; break;
        case LOAD: *++top = variables[code[pc++]]; break;
        case STORE: variables[code[pc++]] = *top--; break;
        case ADD: top--, top[0] += top[1]; break;
        case SUB: top--, top[0] -= top[1]; break;
        case MUL: top--, top[0] *= top[1]; break;
        case HALF: *top >>= 1; break;
        case AND: top--, top[0] &= top[1]; break;
        case LESS: top--, top[0] = top[0] < top[1]; break;
        case EQUAL: top--, top[0] = top[0] == top[1]; break;
        case JUMP: pc = code[pc]; break;
        case JUMP_IF: pc = *top-- ? code[pc] : pc + 1; break;
        case DUP: top[1] = top[0], top++; break;
        case SWAP: { int32_t was = top[0]; top[0] = top[-1], top[-1] = was; break; }
        case DROP: top--; break;
        case OVER: top[1] = top[-1], top++; break;
        case NOT: *top = !*top; break;
        case CALL: returns[depth++] = pc + 1, pc = code[pc]; break;
        case RETURN: pc = returns[--depth]; break;
        case HALT: return *top;
        }
    }
}

int32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) sum = sum * 31 + (uint32_t)interpret(program, LIMIT + (i & 7));
    return (int32_t)sum;
}

/* Steps of all starts below 10: 0 + 1 + 7 + 2 + 5 + 8 + 16 + 3 + 19 = 61. */
int32_t known(void) { return interpret(program, 10); }
