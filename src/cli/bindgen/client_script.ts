/** The JavaScript of a client. It imports nothing: runtime and sandbox are given to it. */
import type { Signature } from "../../core/signature.ts";
import { clientHeading } from "./client_heading.ts";
import { type ClientFunction, type ClientImport, type ClientModel, hasContent } from "./client_model.ts";
import { type Group, type Piece, statement } from "./layout.ts";
import { literal, memberAccess, memberKey } from "./literal.ts";

/** The parameters of a function by their places; a module has no names for them that could be trusted. */
export function parameterNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `arg${index}`);
}

/** A list of kinds as an array of JavaScript. */
function kindList(before: string, kinds: readonly string[]): Group {
  return { before: `${before}[`, items: kinds.map((kind) => `"${kind}"`), after: "]" };
}

function signatureObject(before: string, { params, results }: Signature): Group {
  const items = [kindList("params: ", params), kindList("results: ", results)];
  return { before: `${before}{`, items, after: "}", spaced: true };
}

function methodText({ name, member, signature }: ClientFunction): string {
  const names = parameterNames(signature.params.length), content = hasContent(signature);
  const head: Group = { before: `${memberKey(member)}(`, items: [...names, "options"], after: ")" };
  const options: Piece = content
    ? { before: "{", items: ["...options", "type"], after: "}", spaced: true }
    : "options";
  const args: Group = { before: "[", items: names, after: "]" };
  const call: Group = { before: "return sandbox.call(", items: [literal(name), args, options], after: ")" };
  return statement(head, 4, " {") +
    (content ? statement(signatureObject("const type = ", signature), 6, ";") : "") +
    statement(call, 6, ";") +
    "    },\n";
}

function registerText({ module, group, name, member, signature }: ClientImport): string {
  const target = `imports${memberAccess(group)}${memberAccess(member)}(...args)`;
  const items = [literal(module), literal(name), signatureObject("", signature), `(...args) => ${target}`];
  return statement({ before: "sandbox.registerFunc(", items, after: ")" }, 2, ";");
}

const LOAD = `
function load(runtime, module) {
  if (typeof module === "string") return runtime.loadFile(module);
  if (module instanceof Uint8Array) return runtime.loadBytes(module);
  return module instanceof URL ? fetchModule(runtime, module) : module;
}

async function fetchModule(runtime, url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(\`Cannot load \${url}: \${response.status}\`);
  return runtime.loadBytes(new Uint8Array(await response.arrayBuffer()));
}
`;

function openText(registers: boolean): string {
  return `
export async function open(runtime, options) {
  const module = await load(runtime, options.module);
  const sandbox = await runtime.sandbox(options.sandbox).build();
  try {
${registers ? "    registerImports(sandbox, options.imports);\n" : ""}    await sandbox.loadModule(module);
    return connect(sandbox);
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}
`;
}

/**
 * The text of the file.
 *
 * @param typesFile name of the file with its types, which stands beside it
 */
export function clientScript(model: ClientModel, typesFile: string): string {
  const registers = model.imports.length > 0;
  const body = "\n" +
    `export const generatedFrom = {\n  name: ${literal(model.moduleName)},\n  hash: ${
      literal(model.hash)
    },\n};\n\n` +
    "export function connect(sandbox) {\n  return {\n    sandbox,\n" +
    model.functions.map(methodText).join("") +
    "    [Symbol.asyncDispose]() {\n      return sandbox.close();\n    },\n  };\n}\n" +
    (registers
      ? `\nexport function registerImports(sandbox, imports) {\n${
        model.imports.map(registerText).join("")
      }}\n`
      : "") +
    openText(registers) +
    LOAD;
  return clientHeading(model, body) + `// @ts-self-types=${literal(`./${typesFile}`)}\n${body}`;
}
