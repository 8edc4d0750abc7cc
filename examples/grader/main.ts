/**
 * Grades what strangers have submitted: each program is tried on cases, in a process of its own, with fuel for ten million
 * instructions, a megabyte of memory and nothing else. Whatever it does is a line of the list, and the grader goes on.
 *
 *     deno run -A examples/grader/main.ts [FILE...]
 */
import { Aegis, AegisError } from "../../mod.ts";

/** The exercise: `count_primes(n)` says how many primes there are below n. */
const CASES = [[7, 3], [100, 25], [5000, 669]] as const;

await using runtime = await Aegis.create({
  isolation: "process", // strangers' code: what would crash an engine crashes one process, and not this one
  fuelLimit: "10M",
  memoryLimit: "1MiB",
  timeout: "5s",
});

/** What is said of a submission. */
async function grade(file: string | URL): Promise<string> {
  await using sandbox = await runtime.sandbox().build();
  try {
    await sandbox.loadModule(await runtime.loadFile(file));
    for (const [n, expected] of CASES) {
      const answer = await sandbox.call("count_primes", [n]);
      if (answer !== expected) return `wrong: count_primes(${n}) is ${expected}, and not ${answer}`;
    }
    return `right, for ${sandbox.metrics().fuelConsumed} units of fuel`;
  } catch (error) {
    if (error instanceof AegisError) return error.message; // the submission's fault, whatever it was
    throw error;
  }
}

const folder = new URL("submissions/", import.meta.url);
const submissions = [...Deno.readDirSync(folder)].map(({ name }) => new URL(name, folder));
const files = Deno.args.length > 0 ? Deno.args : submissions.sort((a, b) => a.href < b.href ? -1 : 1);
for (const file of files) {
  const name = String(file).replace(/^.*\/|\.\w+$/g, "");
  console.log(`${name.padEnd(12)} ${await grade(file)}`);
}
