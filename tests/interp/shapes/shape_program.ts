/** The module of a seed with calls of it, for runs that are compared. */
import { HOSTS, shapeModule } from "./shape_module.ts";
import type { Type } from "./code_stack.ts";
import type { NumberType } from "../../generated/generator/value_type.ts";
import type { Program } from "../../generated/program.ts";
import { F64, I32, I64 } from "../../wasm/module_builder.ts";
import { Random } from "../../wasm/random.ts";

/** Steps after which a call ends. */
const STEPS = 120;

const NAMES: Readonly<Record<Type, NumberType>> = { [I32]: "i32", [I64]: "i64", [F64]: "f64" };

const nameOf = (type: Type): NumberType => NAMES[type] ?? "v128";

export function shapeProgram(seed: number): Program {
  const { bytes, calls } = shapeModule(seed), random = new Random(seed + 1);
  const argument = (type: Type): unknown => {
    const value = random.pick([0, 1, 2, 9, 10, 63, -1, -8, 1000, 2 ** 31 - 1]);
    return type === I64 ? BigInt(value) << BigInt(random.below(2) * 20) : type === F64 ? value / 3 : value;
  };
  return {
    bytes,
    source: `shapes of seed ${seed}`,
    hosts: HOSTS.map(({ params, results }) => ({ params: params.map(nameOf), results: results.map(nameOf) })),
    steps: STEPS,
    calls: [...calls, ...calls].map(({ name, params: [, ...rest] }) => ({
      name,
      args: [random.below(8), ...rest.map(argument)],
    })),
  };
}
