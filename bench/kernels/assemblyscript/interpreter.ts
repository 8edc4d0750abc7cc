// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/**
 * An interpreter of a machine with 16 registers, instructions of one word (operation, target, two sources), a switch in
 * a loop; its program fills a table of primes by division and sums them up; `n` runs.
 */

enum Op {
  Halt,
  Set,
  Move,
  Add,
  Sub,
  Mul,
  Rem,
  And,
  Less,
  Equal,
  Jump,
  JumpIf,
  JumpUnless,
  Load,
  Store,
  Inc,
}

const LIMIT = 1200;
const registers = new StaticArray<i32>(16);
const cells = new StaticArray<i32>(1024);

function word(op: Op, target: i32 = 0, a: i32 = 0, b: i32 = 0): u32 {
  return <u32> op | target << 8 | a << 16 | b << 24;
}

/** Registers: 0 limit, 1 candidate, 2 count of primes, 3 index, 4 divisor, 5 and 6 scratch, 7 sum. */
const program: StaticArray<u32> = [
  /*  0 */ word(Op.Set, 1, 2),
  /*  1 */ word(Op.Less, 5, 1, 0), // while candidate < limit
  /*  2 */ word(Op.JumpUnless, 19, 5),
  /*  3 */ word(Op.Set, 3, 0),
  /*  4 */ word(Op.Less, 5, 3, 2), // a prime is left to divide by
  /*  5 */ word(Op.JumpUnless, 14, 5),
  /*  6 */ word(Op.Load, 4, 3),
  /*  7 */ word(Op.Mul, 5, 4, 4), // its square is larger: the candidate is prime
  /*  8 */ word(Op.Less, 6, 1, 5),
  /*  9 */ word(Op.JumpIf, 14, 6),
  /* 10 */ word(Op.Rem, 5, 1, 4),
  /* 11 */ word(Op.JumpUnless, 17, 5),
  /* 12 */ word(Op.Inc, 3),
  /* 13 */ word(Op.Jump, 4),
  /* 14 */ word(Op.Store, 2, 1),
  /* 15 */ word(Op.Inc, 2),
  /* 16 */ word(Op.Add, 7, 7, 1),
  /* 17 */ word(Op.Inc, 1),
  /* 18 */ word(Op.Jump, 1),
  /* 19 */ word(Op.Halt),
];

function interpret(limit: i32): i32 {
  for (let i = 0; i < 16; i++) registers[i] = 0;
  registers[0] = limit;
  let pc = 0;
  for (let code = program[pc++]; (code & 255) != Op.Halt; code = program[pc++]) {
    const target = code >>> 8 & 255, a = code >>> 16 & 255, b = code >>> 24;
    switch (code & 255) {
      case Op.Set:
        registers[target] = a;
        break;
      case Op.Move:
        registers[target] = registers[a];
        break;
      case Op.Add:
        registers[target] = registers[a] + registers[b];
        break;
      case Op.Sub:
        registers[target] = registers[a] - registers[b];
        break;
      case Op.Mul:
        registers[target] = registers[a] * registers[b];
        break;
      case Op.Rem:
        registers[target] = registers[a] % registers[b];
        break;
      case Op.And:
        registers[target] = registers[a] & registers[b];
        break;
      case Op.Less:
        registers[target] = registers[a] < registers[b] ? 1 : 0;
        break;
      case Op.Equal:
        registers[target] = registers[a] == registers[b] ? 1 : 0;
        break;
      case Op.Jump:
        pc = target;
        break;
      case Op.JumpIf:
        if (registers[a] != 0) pc = target;
        break;
      case Op.JumpUnless:
        if (registers[a] == 0) pc = target;
        break;
      case Op.Load:
        registers[target] = cells[registers[a]];
        break;
      case Op.Store:
        cells[registers[target]] = registers[a];
        break;
      case Op.Inc:
        registers[target]++;
        break;
    }
  }
  return registers[7];
}

export function run(n: i32): i32 {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum = sum * 31 + interpret(LIMIT + (i & 7));
  return sum;
}

/** The primes below 100 add up to 1,060. */
export function known(): i32 {
  return interpret(100);
}
