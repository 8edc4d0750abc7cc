/** Which test files may run beside others in one process. */

/**
 * What tests look at the whole process with: its threads, descriptors, memory, processor time, what it has not got to yet.
 * Files that import one of these, directly or not, would see what others do.
 */
const WHOLE_PROCESS = [
  "adversarial/process_facts.ts",
  "isolation/child_processes.ts",
  "broker/net_floods.ts",
] as const;

/** A browser and a server are a crowd of processes by themselves: beside all other tests, they and those would wait too long. */
const PAGES = ["browser/browser.ts"] as const;

/** What tries very many cases, or runs whole programs, examples and commands: a minute of a slow machine for most of these. */
export const LONG = [
  "adversarial/command/attacks_test.ts",
  "adversarial/compiling/compile_bombs_test.ts",
  "adversarial/compiling/reading_test.ts",
  "adversarial/cpu/handlers_test.ts",
  "adversarial/cpu/slow_instructions_test.ts",
  "adversarial/files/fairness_test.ts",
  "adversarial/files/forged_test.ts",
  "adversarial/files/race_test.ts",
  "adversarial/isolation/forged_frames_test.ts",
  "adversarial/isolation/guest_abi_test.ts",
  "adversarial/memory/stack_test.ts",
  "adversarial/server/attacks_test.ts",
  "adversarial/server/killed_test.ts",
  "analysis/oracle_test.ts",
  "analysis/static_loops_test.ts",
  "cli/bindgen/clients_test.ts",
  "cli/completion_scripts_test.ts",
  "cli/doctor_test.ts",
  "cli/task_commands_test.ts",
  "cli/transcript_test.ts",
  "documented_programs_test.ts",
  "examples/commands_test.ts",
  "examples/engines_test.ts",
  "examples/fuel_test.ts",
  "examples/sandbox_test.ts",
  "failures/audit_rotation_test.ts",
  "failures/every_statement_test.ts",
  "failures/guest_allocations_test.ts",
  "failures/silent_workers_test.ts",
  "generated/generated_test.ts",
  "instrument/bulk_table_test.ts",
  "instrument/counted_loop_test.ts",
  "instrument/overshoot_test.ts",
  "interp/sequences_test.ts",
  "interp/shapes_test.ts",
  "interp/watch_programs_test.ts",
  "isolation/contract_test.ts",
  "isolation/forged_packets_test.ts",
  "isolation/hostile_test.ts",
  "manifest/effects_test.ts",
  "programs/command_grants_test.ts",
  "programs/engines_test.ts",
  "programs/own_programs_test.ts",
  "programs/suggested_policy_test.ts",
  "programs/third_party_test.ts",
  "programs/zero_grants_test.ts",
  "readme_test.ts",
  "sandbox/engines_test.ts",
  "sandbox/stream_test.ts",
  "sandbox/watch_test.ts",
  "soak/soak_test.ts",
  "tasks/killed_test.ts",
  "testsuite/suite_run_test.ts",
  "testsuite/suite_test.ts",
  "toolchain/authors_test.ts",
  "toolchain/templates_test.ts",
  "tools/advisories_test.ts",
  "tools/compile_test.ts",
  "tools/publish_test.ts",
  "wrappers/plugin/plugin_host_test.ts",
  "wrappers/plugin/rollback_test.ts",
] as const;

const IMPORT = /(?:from|import) "(\.{1,2}\/[^"]+)"/g;

/** Test files of a folder, by path. */
export interface SplitTests {
  readonly together: readonly string[];
  readonly alone: readonly string[];
  /** The same of what takes minutes. */
  readonly long: Pick<SplitTests, "together" | "alone">;
  /** Each alone, too, and they take minutes. */
  readonly pages: readonly string[];
}

/** @param root path of the folder with the tests */
export async function splitTests(root: string): Promise<SplitTests> {
  const files = await listFiles(root), importers = new Map<string, string[]>();
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    for (const [, specifier = ""] of text.matchAll(IMPORT)) {
      const target = new URL(specifier, `file://${file}`).pathname;
      importers.set(target, [...importers.get(target) ?? [], file]);
    }
  }
  const reach = (targets: readonly string[]) => {
    const reached = new Set<string>();
    const add = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      importers.get(file)?.forEach(add);
    };
    for (const file of targets) add(`${root}/${file}`);
    return reached;
  };
  const alone = reach(WHOLE_PROCESS), pages = reach(PAGES);
  const tests = files.filter((file) => file.endsWith("_test.ts"));
  const long = new Set(LONG.map((file) => `${root}/${file}`));
  const those = (isAlone: boolean, isLong: boolean) =>
    tests.filter((file) => alone.has(file) === isAlone && long.has(file) === isLong && !pages.has(file));
  return {
    together: those(false, false),
    alone: those(true, false),
    long: { together: those(false, true), alone: those(true, true) },
    pages: tests.filter((file) => pages.has(file)),
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await listFiles(path));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}
