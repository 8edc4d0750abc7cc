/** Loops that never end, of every kind there is. */

/** In the place of this stands how many turns there may be. */
export const MOST_TURNS = "MOST_TURNS";

/** Counts an iteration where the test sees it, and ends what nothing else ends. */
export const TURN = `global.get $turns i32.const 1 i32.add global.set $turns
  global.get $turns i32.const ${MOST_TURNS} i32.gt_s if unreachable end`;

/** Locals: 0 is the parameter, and never 0; 1, 2 and 3 are free. */
export interface LoopRow {
  readonly code: string;
  /** How its loops are charged. */
  readonly kinds: string;
  readonly fields?: string;
  /** Units behind the call that traps, in its region: they are charged before it, and may be paid in it. */
  readonly behind?: number;
}

const again = "local.get 0 br_if 0";
export const upTo = (counter: number, limit: number) =>
  `local.get ${counter} i32.const 1 i32.add local.tee ${counter} i32.const ${limit} i32.lt_s br_if 0`;

/** Loops that never end. */
export const ENDLESS: Readonly<Record<string, LoopRow>> = {
  "br": { code: `loop ${TURN} br 0 end`, kinds: "wrapped" },
  "br_if": { code: `loop ${TURN} ${again} end`, kinds: "wrapped" },
  "br_table": { code: `loop ${TURN} local.get 0 br_table 0 0 end`, kinds: "wrapped" },
  "from a block": { code: `loop ${TURN} block ${again} br 1 end br 0 end`, kinds: "wrapped" },
  "from an arm": { code: `loop ${TURN} local.get 0 if br 1 end end`, kinds: "wrapped" },
  "with a result": {
    code: `loop (result i32) ${TURN} ${again} i32.const 1 end drop`,
    kinds: "wrapped",
  },
  "with a parameter": {
    code: `i32.const 1 loop (param i32) ${TURN} local.get 0 br_if 0 drop end`,
    kinds: "tested",
  },
  "with a call of a light function": {
    code: `loop call $g ${TURN} ${again} end`,
    fields: "(func $g i32.const 1 drop)",
    kinds: "tested",
  },
  "with a call that passes on what is owed": {
    code: `loop call $g ${TURN} ${again} end`,
    fields: '(func $g (export "g") i32.const 1 drop)',
    kinds: "tested",
  },
  "with a call before which it is paid": {
    code: `loop call $g drop drop ${TURN} ${again} end`,
    fields: '(func $g (export "g") (result i32 i32) i32.const 1 i32.const 2)',
    kinds: "settling",
  },
  "with a call through a table": {
    code: `loop i32.const 0 call_indirect ${TURN} ${again} end`,
    fields: "(table 1 funcref) (elem (i32.const 0) $g) (func $g i32.const 1 drop)",
    kinds: "settling",
  },
  "with a call of a function that settles": {
    code: `loop call $g ${TURN} ${again} end`,
    fields: `(table 1 funcref) (elem (i32.const 0) $h) (func $h i32.const 1 drop)
      (func $g i32.const 0 call_indirect)`,
    kinds: "tested",
  },
  "with a call of a function that settles behind a short way out": {
    code: `loop global.get $turns i32.const 1 i32.and call $g ${TURN} ${again} end`,
    fields: `(table 1 funcref) (elem (i32.const 0) $h) (func $h i32.const 1 drop)
      (func $g (param i32) local.get 0 if i32.const 0 call_indirect end)`,
    kinds: "tested",
  },
  "with a call of a function that makes the turns": {
    code: `loop call $g br 0 end`,
    fields: `(func $g (export "g") ${TURN})`,
    kinds: "tested",
  },
  "with a call that recurs": {
    code: `loop i32.const 3 call $g br 0 end`,
    fields: `(func $g (param i32) local.get 0 if local.get 0 i32.const 1 i32.sub call $g return end ${TURN})`,
    kinds: "tested",
  },
  "with a throw that is caught": {
    code: `loop (block $c (try_table (catch_all $c) throw $t)) ${TURN} ${again} end`,
    fields: "(tag $t)",
    kinds: "settling",
  },
  "with a call that throws": {
    code: `loop (block $c (try_table (catch_all $c) call $g)) ${TURN} ${again} end`,
    fields: "(tag $t) (func $g throw $t)",
    kinds: "settling",
  },
  "with a bulk operation": {
    code: `loop i32.const 0 i32.const 0 i32.const 9 memory.fill ${TURN} ${again} end`,
    fields: "(memory 1)",
    kinds: "tested",
  },
  "in another": { code: `loop loop ${TURN} br 0 end end`, kinds: "none wrapped" },
  "in another, once a turn": {
    code: `loop loop ${TURN} local.get 0 i32.eqz br_if 0 end br 0 end`,
    kinds: "tested wrapped",
  },
  "around one that ends": {
    code: `loop ${TURN} i32.const 0 local.set 1 local.get 0 local.set 2 loop ${
      upTo(1, 20)
    } local.get 2 drop end br 0 end`,
    kinds: "tested wrapped",
  },
  "around one that is not entered": {
    code: `loop ${TURN} local.get 0 i32.eqz if loop ${again} end end br 0 end`,
    kinds: "tested wrapped",
  },
  "around one that counts": {
    code: `loop ${TURN} i32.const 1 local.get 0 i32.sub local.set 1 loop ${upTo(1, 20)} end br 0 end`,
    kinds: "tested counted",
  },
  "around a static one": {
    code: `loop ${TURN} i32.const 0 local.set 1 loop ${upTo(1, 20)} end br 0 end`,
    kinds: "tested static",
  },
  "by the outer label": {
    code: `loop block loop ${TURN} local.get 0 br_if 1 br 0 end end br 0 end`,
    kinds: "tested wrapped",
  },
  "by the outer header": {
    code: `loop loop ${TURN} local.get 0 br_if 1 br 0 end end`,
    kinds: "tested wrapped",
  },
  "by the header of one that settles": {
    code: `loop loop ${TURN} local.get 0 br_if 1 br 0 end i32.const 0 call_indirect end`,
    fields: "(table 1 funcref)",
    kinds: "settling wrapped",
  },
  "counts, and wraps around: ne": {
    code: `loop ${TURN} local.get 1 i32.const 2 i32.add local.tee 1 i32.const 7 i32.ne br_if 0 end`,
    kinds: "counted",
  },
  "counts, and wraps around: le_s": {
    code: `i32.const 2147482000 local.set 1 loop local.get 1 i32.const 2147483647 i32.le_s
      if ${TURN} local.get 1 i32.const 1 i32.add local.set 1 br 1 end end`,
    kinds: "",
  },
  "counts, and wraps around: le_s to a local": {
    code:
      `i32.const 2140000000 local.set 1 i32.const 2147483647 local.set 2 loop local.get 1 local.get 2 i32.le_s
      if ${TURN} local.get 1 i32.const 65536 i32.add local.set 1 br 1 end end`,
    kinds: "",
  },
  "counts, and wraps around: ge_u": {
    code: `local.get 0 local.set 1 loop local.get 1 i32.const 0 i32.ge_u
      if ${TURN} local.get 1 i32.const -1 i32.add local.set 1 br 1 end end`,
    kinds: "",
  },
  "counts, and wraps around: ge_u from a constant": {
    code: `i32.const 10 local.set 1 loop local.get 1 i32.const 0 i32.ge_u
      if ${TURN} local.get 1 i32.const -1 i32.add local.set 1 br 1 end end`,
    kinds: "",
  },
  "counts, and wraps around: le_u": {
    code:
      `i32.const -1000 local.set 1 loop ${TURN} local.get 1 i32.const 1 i32.add local.tee 1 i32.const -1 i32.le_u br_if 0 end`,
    kinds: "",
  },
  "counts, and jumps over the limit: lt_s": {
    code: `i32.const 2140000000 local.set 1
      loop ${TURN} local.get 1 i32.const 65535 i32.add local.tee 1 i32.const 2147483647 i32.lt_s br_if 0 end`,
    kinds: "",
  },
  "counts, and jumps over the limit: gt_s": {
    code: `i32.const -2140000000 local.set 1
      loop ${TURN} local.get 1 i32.const -65535 i32.add local.tee 1 i32.const -2147483648 i32.gt_s br_if 0 end`,
    kinds: "",
  },
  "counts, from beyond the limit: lt_u": {
    code: `i32.const -1 local.set 1 local.get 0 local.set 2
      loop ${TURN} local.get 1 i32.const 1 i32.add local.tee 1 i32.const -2 i32.lt_u br_if 0 end`,
    kinds: "",
  },
  "counts, from beyond the limit: gt_u": {
    code: `i32.const 0 local.set 1
      loop ${TURN} local.get 1 i32.const -1 i32.add local.tee 1 i32.const 5 i32.gt_u br_if 0 end`,
    kinds: "",
  },
};

const RARELY = "global.get $turns i32.const 10 i32.rem_u i32.eqz";

/** Pays in each tenth turn; then most of what it owes comes, so that it matters when that is paid. */
export const PAYS_RARELY: LoopRow = {
  code: `loop ${TURN} ${RARELY} if i32.const 0 call_indirect end ${RARELY} if ${
    "i32.const 0 drop ".repeat(3000)
  } end br 0 end`,
  fields: "(table 1 funcref) (elem (i32.const 0) $g) (func $g i32.const 1 drop)",
  kinds: "settling",
};
