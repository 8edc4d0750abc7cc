/**
 * Reads what the layer rules look at from the syntax tree, so that comments and strings cannot fool them. Deno gives
 * its parser to lint plugins alone, and runs plugins by hand in tests alone.
 */
import type { SourceFacts, SourceImport } from "../tools/layer_rules.ts";

/** Reads one file's imports, names and the like. */
export function readSourceFacts(path: string, source: string): SourceFacts {
  const imports: SourceImport[] = [];
  const add = (specifier: string, typeOnly: boolean) => void imports.push({ specifier, typeOnly });
  const names = new Set<string>();
  let computedImport = false, barrel = false, async = false;

  const markAsync = (node: { async: boolean }) => {
    async ||= node.async;
  };
  const visitor: Deno.lint.LintVisitor = {
    ImportDeclaration: (node) => add(node.source.value, node.importKind === "type"),
    ExportNamedDeclaration: (node) => node.source && add(node.source.value, node.exportKind === "type"),
    ExportAllDeclaration(node) {
      barrel = true;
      add(node.source.value, node.exportKind === "type");
    },
    ImportExpression(node) {
      if (node.source.type === "Literal" && typeof node.source.value === "string") {
        add(node.source.value, false);
      } else computedImport = true;
    },
    "TSImportType Literal": (node: Deno.lint.StringLiteral) => add(node.value, true),
    "TSExternalModuleReference Literal": (node: Deno.lint.StringLiteral) => add(node.value, false),
    Identifier: (node) => void names.add(node.name),
    Literal: (node) => void (typeof node.value === "string" && names.add(node.value)),
    AwaitExpression: () => void (async = true),
    FunctionDeclaration: markAsync,
    FunctionExpression: markAsync,
    ArrowFunctionExpression: markAsync,
  };
  const plugin: Deno.lint.Plugin = { name: "facts", rules: { facts: { create: () => visitor } } };
  Deno.lint.runPlugin(plugin, path, source);
  return { path, imports, computedImport, barrel, async, names };
}
