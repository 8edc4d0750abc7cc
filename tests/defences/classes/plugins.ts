/** Class G: what keeps a host from what a plugin says of itself. */
import type { Defence } from "../defence.ts";

const PLUGIN_MANIFEST = "tests/wrappers/plugin/plugin_manifest_test.ts";

export const PLUGINS: readonly Defence[] = [
  {
    id: "plugin-hash",
    what: "a module that is not the one that was registered is refused",
    lines: ["G60"],
    file: "src/wrappers/plugin/plugin_registry.ts",
    find: `    if (bytes === undefined || hash !== kept.sha256) {`,
    replace: `    if (bytes === undefined) {`,
    tests: ["tests/wrappers/plugin/plugin_registry_test.ts"],
  },
  {
    id: "plugin-wishes",
    what: "a plugin gets what its host grants, and nothing for what it wishes",
    lines: ["F46"],
    file: "src/wrappers/plugin/plugin_instance.ts",
    find: `    const limits = readLimits(grants);`,
    replace:
      `    const limits = readLimits({ limits: { ...grants.limits, ...plugin.record.manifest.needs.limits } });`,
    tests: ["tests/wrappers/plugin/plugin_host_test.ts"],
    only: ["F46"],
    direct: true,
  },
  {
    id: "plugin-keys",
    what: "a manifest of a plugin has no key that nobody reads",
    lines: ["G60"],
    file: "src/wrappers/plugin/plugin_manifest.ts",
    find: `    if (names.includes(key)) return;`,
    replace: `    if (names.includes(key) || key !== "") return;`,
    tests: [PLUGIN_MANIFEST],
    only: ["G60 readPluginManifest()"],
    direct: true,
  },
  {
    id: "plugin-depth",
    what: "a manifest of a plugin is neither deep nor large",
    lines: ["G60"],
    file: "src/wrappers/plugin/manifest_size.ts",
    find: `    if (next.depth > DEEPEST_MANIFEST) return`,
    replace: `    if (next.depth > Infinity) return`,
    also: [{
      file: "src/wrappers/plugin/manifest_size.ts",
      find: `      if (++depth > DEEPEST_MANIFEST) return true;`,
      replace: `      depth++;`,
    }],
    tests: [PLUGIN_MANIFEST],
    only: ["G60 a manifest that is deep"],
    direct: true,
  },
];
