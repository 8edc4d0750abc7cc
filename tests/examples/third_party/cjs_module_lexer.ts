import type { Instance, Session } from "../instance.ts";
import { callUnsigned, writeUtf16 } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

const SOURCE = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.parse = function parse() { return "exports.hidden = 1"; };
exports["kebab-case"] = 1;
module.exports.version = "1.2.3";
// exports.commented = true;
__exportStar(require("./star"), exports);
`;

/** Reads slices of the source: `next` steps to the next one, `start` and `end` are its bounds. */
async function slices(instance: Instance, next: string, start: string, end: string): Promise<string[]> {
  const found: string[] = [];
  while (await callUnsigned(instance, next) !== 0) {
    found.push(SOURCE.slice(await callUnsigned(instance, start), await callUnsigned(instance, end)));
  }
  return found;
}

function session(): Session {
  return {
    imports: {},
    async drive(instance) {
      const source = await callUnsigned(instance, "sa", SOURCE.length + 1);
      await writeUtf16(instance, source, SOURCE);
      const error = await callUnsigned(instance, "parseCJS", source, SOURCE.length, 0, 0, 0, 0);
      const reexports = await slices(instance, "rre", "res", "ree");
      return { error, reexports, exports: await slices(instance, "re", "es", "ee") };
    },
  };
}

/** The lexer by which Node.js finds the named exports of CommonJS. */
export const cjsModuleLexer: DrivenModule = {
  name: "cjs-module-lexer",
  package: "cjs-module-lexer",
  version: "2.3.0",
  size: 22_369,
  bytes: () => embeddedModule("cjs-module-lexer", "dist/lexer.mjs"),
  note: "lexes a CommonJS text; expected are the names that the text assigns to its exports",
  session,
  expected: {
    error: 0,
    reexports: ['"./star"'],
    exports: ['"__esModule"', "parse", '"kebab-case"', "version"],
  },
};
