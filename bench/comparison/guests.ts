/**
 * The guests of the comparison: each that does harm, beside one of the same kind that behaves. All have a function `run`, which
 * takes and returns nothing, and tell their host numbers through the import `said`; one that behaves says {@linkcode RIGHT} last,
 * one that does harm says {@linkcode BEGUN} before it begins. None uses an instruction that engines of 2023 lack, but those of `caught`.
 */

/** Milliseconds that a call may take, pages of memory that a guest may have, and units of fuel where a budget is asked for. */
export const BOUNDS = { time: 2000, pages: 64, fuel: 1_000_000 } as const;

export const RIGHT = 42, BEGUN = 1;

export interface Guest {
  readonly behaves: string;
  readonly harms: string;
  /** Whether it is granted a directory, to read. */
  readonly files?: boolean;
}

const SAID = `(import "host" "said" (func $said (param i32)))`;

/** A module whose `run` has this body, between other fields. */
function module(body: string, { imports = "", fields = "" } = {}): string {
  return `(module ${SAID} ${imports} (memory (export "memory") 1) ${fields} (func (export "run") ${body}))`;
}

const SAY_RIGHT = `(call $said (i32.const ${RIGHT}))`, SAY_BEGUN = `(call $said (i32.const ${BEGUN}))`;

/** Grows by 16 pages and writes into each time's last, says what it has, and stops at four times its bound or when it is refused. */
function grows(pages: number): string {
  return `(loop $more
    (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (return)))
    (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (i32.const 1))
    (call $said (memory.size))
    (br_if $more (i32.lt_u (memory.size) (i32.const ${pages}))))`;
}

/** Calls itself, this deep; 0 is without end. */
function recurses(depth: number): string {
  return `(func $down (param i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const 1)) (then (return (i32.const 1))))
    (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $dive (drop (call $down (i32.const ${depth}))))`;
}

/** Reads four bytes of a file below the directory, and says them as a number; says the error number of an open that fails. */
function reads(path: string): string {
  return module(
    `(local $error i32) ${SAY_BEGUN}
    (local.set $error (call $open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const ${path.length}) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
    (if (local.get $error) (then (call $said (i32.sub (i32.const 0) (local.get $error))) (return)))
    (drop (call $read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 40)))
    (call $said (i32.load (i32.const 16)))`,
    {
      imports: `(import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))`,
      fields: String.raw`(data (i32.const 64) "${path}") (data (i32.const 0) "\10\00\00\00\04\00\00\00")`,
    },
  );
}

/** Finds the primes below 65,536 so many times, in a function that is called for each, so that engines can take better code for it. */
function sieves(rounds: number): string {
  return module(
    `(local $round i32) (local $found i32)
    (loop $again
      (local.set $found (call $sieve))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $round) (i32.const ${rounds}))))
    (call $said (i32.sub (local.get $found) (i32.const ${PRIMES - RIGHT})))`,
    {
      fields: `(func $sieve (result i32) (local $n i32) (local $k i32) (local $found i32)
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536))
      (local.set $n (i32.const 2))
      (loop $next
        (if (i32.eqz (i32.load8_u (local.get $n))) (then
          (local.set $found (i32.add (local.get $found) (i32.const 1)))
          (local.set $k (i32.shl (local.get $n) (i32.const 1)))
          (block $done (loop $strike
            (br_if $done (i32.ge_u (local.get $k) (i32.const 65536)))
            (i32.store8 (local.get $k) (i32.const 1))
            (local.set $k (i32.add (local.get $k) (local.get $n)))
            (br $strike)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $n) (i32.const 65536))))
      (local.get $found))`,
    },
  );
}

/** Primes below 65,536. */
const PRIMES = 6542;

const LOOPS = module(`${SAY_BEGUN} (loop $on (br $on))`);

const COUNTS = module(`(local i32) (loop $on (local.set 0 (i32.add (local.get 0) (i32.const 1)))
  (br_if $on (i32.lt_u (local.get 0) (i32.const 1000)))) ${SAY_RIGHT}`);

export const GUESTS = {
  loop: { behaves: COUNTS, harms: LOOPS },
  caught: {
    behaves: module(`(block $out (try_table (catch_all $out) (throw $mistake))) ${SAY_RIGHT}`, {
      fields: `(tag $mistake)`,
    }),
    harms: module(
      `${SAY_BEGUN} (loop $again (block $out (try_table (catch_all $out) (call $spin))) (br $again))`,
      {
        fields: `(func $spin (loop $on (br $on)))`,
      },
    ),
  },
  recursion: {
    behaves: module(`(call $dive) ${SAY_RIGHT}`, { fields: recurses(100) }),
    harms: module(`${SAY_BEGUN} (call $dive)`, { fields: recurses(0) }),
  },
  memory: {
    behaves: module(`${grows(BOUNDS.pages / 2)} ${SAY_RIGHT}`),
    harms: module(`${SAY_BEGUN} ${grows(4 * BOUNDS.pages)}`),
  },
  link: { behaves: reads("inside"), harms: reads("link"), files: true },
  parent: { behaves: reads("inside"), harms: reads("../outside"), files: true },
  fuel: { behaves: COUNTS, harms: LOOPS },
  told: { behaves: reads("inside"), harms: reads("../outside"), files: true },
  start: { behaves: COUNTS, harms: COUNTS },
  work: { behaves: sieves(1), harms: sieves(1000) },
} as const satisfies Record<string, Guest>;

export type GuestName = keyof typeof GUESTS;
