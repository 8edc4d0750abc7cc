/** Classes G and H: what keeps who uses the command, with a terminal, manifests and installed tools, from guests. */
import type { Defence } from "../defence.ts";

const ISOLATION_TEST = "tests/adversarial/isolation/isolation_test.ts",
  PERMISSIONS = "tests/adversarial/files/permissions_test.ts",
  TERMINAL = "tests/terminal/terminal_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts",
  MANIFEST = "tests/manifest/manifest_test.ts";

export const COMMAND: readonly Defence[] = [
  {
    id: "scrubbed",
    what: "what could reach outside is taken from the guest's scope before anything runs",
    lines: ["G57"],
    file: "src/guest/scrub.ts",
    find: `      if (!Object.hasOwn(holder, name)) continue;`,
    replace: `      if (Object.hasOwn(holder, name)) continue;`,
    tests: [ISOLATION_TEST, TERMINAL],
    only: ["G57"],
  },
  {
    id: "no-permissions",
    what: "a Worker has the permissions that are named for it, by default none",
    lines: ["G57"],
    file: "src/sandbox/worker.ts",
    find: `  return start(text, { deno: { permissions } });`,
    replace: `  void permissions;
  return start(text, {});`,
    tests: [ISOLATION_TEST, PERMISSIONS, BOTH_BACK_ENDS, TERMINAL],
    only: ["G57"],
  },
  {
    id: "terminal-escaped",
    what: "control characters that a guest prints do not reach a terminal as they are",
    lines: ["G58"],
    file: "src/cli/terminal_text.ts",
    find: `    return this.#encoder.encode(text.replace(UNSAFE, escapeShort));`,
    replace: `    void [UNSAFE, escapeShort];
    return this.#encoder.encode(text);`,
    tests: [TERMINAL, "tests/cli/terminal_text_test.ts"],
    only: ["G58"],
  },
  {
    id: "quoted",
    what: "names and paths of a guest are quoted before they are printed",
    lines: ["G58"],
    file: "src/core/plain_text.ts",
    find: `  /[\\u0000-\\u001f\\u007f-\\u009f\\u061c`,
    replace: `  /[\\u0001-\\u0001\\u061c`,
    also: [{
      file: "src/core/quote.ts",
      find: `  return JSON.stringify(shown).replace(UNSAFE, escapeUnits);`,
      replace: `  void [UNSAFE, escapeUnits];
  return shown;`,
    }],
    tests: [PERMISSIONS, "tests/cli/printable_test.ts"],
    only: ["G58"],
  },
  {
    id: "manifest-unknown-key",
    what: "a key of a manifest that nobody reads is refused",
    lines: ["G60"],
    file: "src/manifest/layer.ts",
    find: `    } else if (!others.includes(key)) complain(() => place.unknown(known));`,
    replace: `    } else void [others, known];`,
    tests: [MANIFEST],
  },
  {
    id: "manifest-own-sections",
    what:
      "a table of a manifest is a section where there is one of that name, and not where every object has the key",
    lines: ["G60"],
    file: "src/manifest/layer.ts",
    find: `    else if (Object.hasOwn(SECTIONS, key)) {`,
    replace: `    else if (key in SECTIONS) {`,
    tests: [MANIFEST],
    only: ["G60 keys and names"],
    direct: true,
  },
  {
    id: "manifest-hash",
    what: "a module that is another one than was meant is refused where it runs",
    lines: ["G60"],
    file: "src/cli/guest_module.ts",
    find: `  if (hash === wanted) return;`,
    replace: `  if (hash === wanted || hash.length > 0) return;`,
    tests: ["tests/cli/guest_module_test.ts", "tests/cli/settings_test.ts"],
    only: ["G60"],
  },
  {
    id: "manifest-heeded",
    what: "a key of a manifest that is taken has its effect, and is no placebo",
    lines: ["G60"],
    file: "src/manifest/layer.ts",
    find: `    if (read !== undefined) entries.set(name, entryOf(read.value, value, place));`,
    replace:
      `    if (read !== undefined && entries.size > 1e6) entries.set(name, entryOf(read.value, value, place));`,
    tests: ["tests/manifest/effects_test.ts"],
    direct: true,
    seconds: 200,
  },
  {
    id: "permissions-kept",
    what: "of the command's permissions those are left that sensors and logs need",
    lines: ["G57"],
    file: "src/cli/host_permissions.ts",
    find: `  for (const path of granted) if (!isKept(path)) Deno.permissions.revokeSync({ name, path });`,
    replace: `  void [granted, isKept];`,
    also: [{
      file: "src/cli/host_permissions.ts",
      find: `  if (isGranted({ name })) Deno.permissions.revokeSync({ name });`,
      replace: ``,
    }, {
      file: "src/cli/host_permissions.ts",
      find: `    else if (name !== "run" || isolation === "worker") Deno.permissions.revokeSync({ name });`,
      replace: `    else void isolation;`,
    }],
    tests: ["tests/cli/host_permissions_test.ts"],
    direct: true,
  },
];
