/** Class F: what keeps imports to what was registered, and exports to what a module has. */
import type { Defence } from "../defence.ts";

const IMPORTS = "tests/adversarial/network/imports_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts";

export const LINKING: readonly Defence[] = [
  {
    id: "import-own-names",
    what: "an import is looked for among what was registered, and not among what every object has",
    lines: ["F45"],
    file: "src/wasi/provided_imports.ts",
    find: `return Object.hasOwn(MODULES, module) ? MODULES[module] : undefined;`,
    replace: `return MODULES[module];`,
    also: [{
      file: "src/wasi/provided_imports.ts",
      find: `return Object.hasOwn(functions, name) ? functions[name] : undefined;`,
      replace: `return functions[name];`,
    }],
    tests: [IMPORTS],
  },
  {
    id: "import-listed",
    what: "an import that nothing provides keeps a module from being taken in",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `    return linkProvided(wanted) ?? missing(wanted, functions, loaded);`,
    replace: `    void missing;
    return linkProvided(wanted) ?? { from: "aegis", module: "env", name: "log" };`,
    tests: [IMPORTS, BOTH_BACK_ENDS],
    only: ["F45"],
  },
  {
    id: "import-signature",
    what: "a function serves an import of its own type alone",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  if (want !== have) {
    throw new MissingImportError(wanted.module, wanted.name, \`\${want} is wanted, \${have} is registered\`);
  }`,
    replace: `  void [want, have];`,
    tests: [IMPORTS],
  },
  {
    id: "import-kind",
    what: "an export serves an import of its own kind and limits alone",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  if (reason !== undefined) throw new MissingImportError(wanted.module, wanted.name, reason);`,
    replace: `  void reason;`,
    tests: [IMPORTS, "tests/sandbox/linking_test.ts"],
  },
  {
    id: "export-kind",
    what: "an export is called as a function where it is one",
    lines: ["F45"],
    file: "src/sandbox/module.ts",
    find:
      `    return type?.kind === "function" ? { params: type.params, results: type.results } : undefined;`,
    replace: `    const { params = [], results = [] } = (type ?? {}) as Partial<FuncType>;
    return type === undefined ? undefined : { params, results };`,
    tests: [IMPORTS],
    only: ["F45 names that are not exported"],
  },
  {
    id: "import-refused-by-name",
    what: "an import of another kind or type is refused with its name, whoever finds that out: V8 does, too",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  return new MissingImportError(wanted?.module ?? "?", wanted?.name ?? "?", reason);`,
    replace: `  return new MissingImportError("?", wanted === undefined ? "" : "?", reason);`,
    also: [{
      file: "src/sandbox/linker.ts",
      find: `  if (wanted.type.kind !== "function") {
    throw new MissingImportError(
      wanted.module,`,
      replace: `  if (wanted.type.kind !== "function") return { from: "host", id, params, results };
  if (id < 0) {
    throw new MissingImportError(
      wanted.module,`,
    }, {
      file: "src/sandbox/linker.ts",
      find: `  if (reason !== undefined) throw new MissingImportError(wanted.module, wanted.name, reason);`,
      replace: `  void reason;`,
    }],
    tests: [IMPORTS],
    only: ["F45 an import that wants"],
  },
  {
    id: "names-utf8",
    what: "names of a module are UTF-8: V8, which looks at them as well, is not asked",
    lines: ["F45"],
    file: "src/wasm/cursor.ts",
    find: `new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });`,
    replace: `new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });`,
    also: [{
      file: "src/guest/prepare.ts",
      find: `  if (!WebAssembly.validate(original)) await refuseLikeV8(original);`,
      replace: `  void [original, refuseLikeV8];`,
    }],
    tests: [IMPORTS],
    only: ["F45 a lone surrogate"],
  },
  {
    id: "suggestion-length",
    what: "no more than the first letters of two names are compared",
    lines: ["F45"],
    file: "src/core/suggestion.ts",
    find: `  const a = from.slice(0, 64), b = to.slice(0, 64);`,
    replace: `  const a = from.slice(0, 1500), b = to.slice(0, 1500);`,
    also: [{
      file: "src/core/suggestion.ts",
      find: `Math.floor(Math.min(wanted.length, 64) / 3)`,
      replace: `Math.floor(Math.min(wanted.length, 1500) / 3)`,
    }],
    tests: [IMPORTS],
    only: ["F45 names of 99,999 bytes"],
  },
  {
    id: "suggestion-count",
    what: "no more than so many names are looked at for a suggestion",
    lines: ["F45"],
    file: "src/core/suggestion.ts",
    find: `    if (++seen > 1_000) break;`,
    replace: `    seen++;`,
    tests: [IMPORTS],
    only: ["F45 ten thousand names"],
  },
  {
    id: "export-by-name",
    what: "an export is found by its name without a look at all the others",
    lines: ["F45"],
    file: "src/sandbox/module.ts",
    find: "    return this.#byName.get(`n${name}`);",
    replace: `    return this.exports.find((item) => item.name === name);`,
    tests: [IMPORTS],
    only: ["F45 ten thousand imports"],
  },
];
