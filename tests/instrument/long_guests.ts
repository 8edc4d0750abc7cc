/** Guests that do much while they pass no test of the usual ones, in loops and at entries. */

/** A guest exports `f`, and counts its turns, each of which costs the same in the long run. */
export interface LongRow {
  readonly fields: string;
  /** All is charged at once where `f` is entered, before any of it is done. */
  readonly ahead?: boolean;
  readonly imports?: WebAssembly.Imports & { readonly m: Readonly<Record<string, () => void>> };
}

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

const TURN = "global.get $turns i32.const 1 i32.add global.set $turns";

/** Code that costs this many units, and a turn. */
const straight = (units: number): string => `${TURN} ${repeat(units - 4, "i32.const 0 drop")}`;

/** The same where a local is not 0. */
const inArm = (units: number, local = 0): string => `local.get ${local} if ${straight(units)} end`;

/** The same where the condition costs next to nothing, and holds. */
const IN_ARM = `global.get $turns i32.const -1 i32.ne if ${straight(55)} end`;

/** A loop of about this many units whose number of iterations is not known; local 1 counts. */
const loopOf = (units: number): string =>
  `global.get $zero local.set 1 loop local.get 1 i32.const 1 i32.add local.tee 1 i32.const ${
    Math.floor(units / 7)
  } i32.lt_s br_if 0 end`;

/** A loop that counts from 0; local 1 counts. */
const staticLoop = (times: number, body: string): string =>
  `i32.const 0 local.set 1 loop ${body} local.get 1 i32.const 1 i32.add local.tee 1 i32.const ${times} i32.lt_s br_if 0 end`;

/** Exported, and so tested at its entry. */
const main = (code: string): string => `(func (export "f") (local i32 i32) ${code})`;

/** Many calls in straight code, each of which costs much. */
export const LONG_CALLS: Readonly<Record<string, LongRow>> = {
  "entries of 1000 units": {
    ahead: true,
    fields: `(func $g ${straight(1000)}) ${main(repeat(3000, "call $g"))}`,
  },
  "entries of 2000 units": {
    fields: `(func $g ${straight(2000)}) ${main(repeat(2000, "call $g"))}`,
  },
  "entries of 20,000 units": {
    fields: `(func $g ${straight(20_000)}) ${main(repeat(100, "call $g"))}`,
  },
  "entries of 2000 units, in a loop": {
    fields: `(func $g ${straight(2000)}) ${main(staticLoop(3, repeat(500, "call $g")))}`,
  },
  "untested functions that charge on a condition": {
    fields: `(func $g (param i32) ${inArm(3900)}) ${main(repeat(1000, "i32.const 1 call $g"))}`,
  },
  "a loop in functions that charges on a condition": {
    fields: `(func $g (param i32) (local i32) ${staticLoop(40, inArm(1000))}) ${
      main(repeat(40, "i32.const 1 call $g"))
    }`,
  },
  "untested functions that call light ones that charge on a condition": {
    fields: `(func $light ${IN_ARM}) (func $g ${repeat(600, "call $light")}) ${main(repeat(18, "call $g"))}`,
  },
  "light functions that charge on a condition": {
    fields: `(func $g (param i32) ${inArm(55)}) ${main(repeat(10_000, "i32.const 1 call $g"))}`,
  },
};

/** A recursion of this many frames. */
const DEPTH = 1500;

/** `$g` calls itself and then does what is given. */
const recursion = (behind: string, how: { readonly call: string; readonly fields: string }): LongRow => ({
  fields: `${how.fields} (table 1 funcref) (elem (i32.const 0) $g) (type $g (func (param i32)))
    (func $g (type $g) (local i32) local.get 0 if local.get 0 i32.const 1 i32.sub ${how.call} end ${behind})
    ${main(`i32.const ${DEPTH} call $g`)}`,
});

const TAG = "(tag $t)", BY_TABLE = "i32.const 0 call_indirect (type $g)";

/** What a frame of a recursion does behind the call. */
const BEHIND: Readonly<Record<string, readonly [code: string, fields: string]>> = {
  "straight code": [straight(600), ""],
  "code on a condition": [inArm(600), ""],
  "a static loop": [staticLoop(100, TURN), ""],
  "a static loop that charges on a condition": [staticLoop(20, inArm(30)), ""],
  "calls of light functions that charge on a condition": [
    repeat(20, "local.get 0 call $light"),
    `(func $light (param i32) ${inArm(50)})`,
  ],
  "calls of light functions that are in a table, and charge on a condition": [
    repeat(20, "local.get 0 call $light"),
    `(func $light (param i32) ${inArm(50)}) (elem func $light)`,
  ],
  "a call of an untested function that charges on a condition": [
    "local.get 0 call $untested",
    `(func $untested (param i32) ${inArm(600)})`,
  ],
  "a call of an untested function": [
    "call $untested",
    `(func $untested ${straight(1500)})`,
  ],
};

/** How the recursion goes on. */
const WAYS: Readonly<Record<string, readonly [fields: string, call?: string]>> = {
  "": [""],
  ", where exceptions may pass": [TAG],
  ", through a table": ["", BY_TABLE],
  ", through a table where exceptions may pass": [TAG, BY_TABLE],
};

/** Much that is done behind calls that lead back. */
export const LONG_BEHIND: Readonly<Record<string, LongRow>> = Object.fromEntries(
  Object.entries(BEHIND).flatMap(([name, [code, fields]]) =>
    Object.entries(WAYS).map(([way, [tag, call = "call $g"]]) => [
      `${name}${way}`,
      recursion(code, { fields: `${tag} ${fields}`, call }),
    ])
  ),
);

const ZERO = "(global $zero (mut i32) (i32.const 0))";

/** Many times a loop that owes nearly what may be owed, and something before which it is paid. */
const pairs = (pays: string, fields = ""): LongRow => ({
  fields: `${ZERO} (table 1 funcref) (elem (i32.const 0) $light) (func $light) ${fields}
    ${main(repeat(300, `${TURN} ${loopOf(3950)} ${pays}`))}`,
});

export const LONG_PAIRS: Readonly<Record<string, LongRow>> = {
  "a call of a light function through a table": pairs("i32.const 0 call_indirect"),
  "a call of a function that is tested late and does not take what is owed": pairs(
    "i32.const 0 call $late drop drop",
    `(func $late (param i32) (result i32 i32) local.get 0 if i32.const 0 call_indirect end i32.const 1 i32.const 2)`,
  ),
  "a call of an import": {
    ...pairs("call $import"),
    fields: `(import "m" "i" (func $import)) ${pairs("call $import").fields}`,
    imports: { m: { i: () => {} } },
  },
  "a throw that is caught": pairs("(block $c (try_table (catch_all $c) throw $t))", TAG),
};

/** Charges itself, since it is in a table, and costs as much as it may. */
const CHARGES_ITSELF = `(elem func $light) (func $light ${repeat(59, "i32.const 0 drop")} ${TURN})`;

export const LONG_LOOPS: Readonly<Record<string, LongRow>> = {
  "static": {
    fields: `${CHARGES_ITSELF} ${main(staticLoop(500, repeat(40, "call $light")))}`,
  },
  "static, around calls of light functions that charge on a condition": {
    fields: `(func $light ${IN_ARM}) ${main(staticLoop(200, repeat(40, "call $light")))}`,
  },
  "static, one after the other, around calls of light functions that charge on a condition": {
    ahead: true,
    fields: `(func $light ${IN_ARM}) ${main(repeat(4, staticLoop(200, repeat(40, "call $light"))))}`,
  },
  "static, in untested functions, around calls of light functions that charge on a condition": {
    fields: `(func $light ${IN_ARM}) (func $untested (local i32 i32) ${
      staticLoop(10, repeat(40, "call $light"))
    })
      ${main(repeat(18, "call $untested"))}`,
  },
  "counted, around calls of light functions that charge on a condition": {
    fields: `${ZERO} (func $light ${IN_ARM}) ${
      main(staticLoop(500, repeat(40, "call $light")).replace("i32.const 0", "global.get $zero"))
    }`,
  },
  "counted": {
    fields: `${ZERO} ${CHARGES_ITSELF} ${
      main(staticLoop(500, repeat(40, "call $light")).replace("i32.const 0", "global.get $zero"))
    }`,
  },
  "plain": {
    fields: `${CHARGES_ITSELF} ${
      main(
        `loop ${repeat(140, "call $light")} local.get 0 i32.const 1 i32.add local.set 0
          local.get 0 i32.const 300 i32.lt_s if br 1 end end`,
      )
    }`,
  },
};

/** Each handler does something and throws on. */
const handlers = (code: string, call: string): LongRow => ({
  fields: `${TAG} (table 1 funcref) (elem (i32.const 0) $g) (type $g (func (param i32)))
    (func $g (type $g) (local i32) local.get 0 i32.eqz if throw $t end
      (block $c (try_table (catch_all $c) local.get 0 i32.const 1 i32.sub ${call} return)) ${code} throw $t)
    ${main(`(block $c (try_table (catch_all $c) i32.const ${DEPTH} call $g))`)}`,
});

export const LONG_HANDLERS: Readonly<Record<string, LongRow>> = {
  "straight code": handlers(straight(600), "call $g"),
  "code on a condition": handlers(inArm(600), "call $g"),
  "a static loop": handlers(staticLoop(100, TURN), "call $g"),
  "straight code, through a table": handlers(straight(600), BY_TABLE),
};
