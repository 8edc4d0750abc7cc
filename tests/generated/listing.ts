/** A program in a form that a person can read, and that can be run again. */
import { disassemble } from "../../src/wasm/disassemble.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { formatType } from "../../src/wasm/types.ts";
import { show } from "./observe.ts";
import type { Program } from "./program.ts";

const BODY_OF_NOTHING = 3;

/** Functions that do something, the calls, and the bytes. */
export function listing(program: Program): string {
  const module = readModule(program.bytes), lines = [program.source];
  for (const [index, body] of module.bodies.entries()) {
    const number = index + module.imported.function;
    const type = module.types[module.functions[number] ?? 0]?.composite;
    if (body.end - body.code < BODY_OF_NOTHING || type?.kind !== "func") continue;
    const types = (list: readonly number[]) => list.map(formatType).join(" ");
    lines.push(`(func ${number} (param ${types(type.params)}) (result ${types(type.results)})`);
    const locals = body.locals.map((group) => `${group.count} ${formatType(group.type)}`);
    lines.push(`  (local ${locals.join(", ")})`);
    for (const line of disassemble(module, { start: body.code, end: body.end })) {
      lines.push(`  ${"  ".repeat(line.depth)}${line.text}`);
    }
  }
  for (const { name, args } of program.calls) {
    lines.push(`call ${name}(${args.map(show)}), steps ${program.steps}`);
  }
  lines.push(program.bytes.toHex());
  return lines.join("\n");
}
