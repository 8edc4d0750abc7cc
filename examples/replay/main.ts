/**
 * A guest that fails once in a while, with inputs that are never the same. What it was given is written down; played again, it
 * fails again: at the same instruction, after the same fuel, in another engine, and under a tracer.
 *
 *     deno run -A examples/replay/main.ts
 */
import { Aegis, type AegisModule, type Outcome, type Sandbox } from "../../mod.ts";

await using runtime = await Aegis.create({ deterministic: true, fuelLimit: "1M", timeout: "5s" });
const file = new URL("board.wat", import.meta.url);
const fast = await runtime.loadFile(file);
const traced = await runtime.loadFile(file, { engine: "interpreter", watch: "functions" });

/** A sandbox for one game. All that differs from game to game comes in by this one function. */
async function table(module: AegisModule, roll: () => number): Promise<Sandbox> {
  const sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("game", "roll", { params: [], results: ["i32"] }, roll);
  await sandbox.loadModule(module);
  return sandbox;
}

/** How a game ended: the very same text for the very same end. */
function ending(outcome: Outcome, sandbox: Sandbox): string {
  const { fuelConsumed } = sandbox.metrics();
  if (outcome.kind === "value") return `won after ${outcome.values} rolls, ${fuelConsumed} units of fuel`;
  if (outcome.kind !== "trap") return outcome.kind;
  return `${outcome.message} at offset ${outcome.frames[0]?.offset}, ${fuelConsumed} units of fuel`;
}

// Games with real dice, until one goes wrong.
let recording: number[] = [], failure = "";
while (failure === "") {
  const rolls: number[] = [];
  await using sandbox = await table(fast, () => {
    const roll = 1 + Math.floor(6 * Math.random());
    rolls.push(roll);
    return roll;
  });
  const outcome = await sandbox.tryCall("play");
  if (outcome.kind === "trap") [recording, failure] = [rolls, ending(outcome, sandbox)];
}
const saved = JSON.stringify(recording); // what a report of the failure would have with it
console.log(`recorded ${recording.length} rolls: ${failure}`);

/** Gives what was recorded. */
function player(): () => number {
  const rolls: number[] = JSON.parse(saved);
  return () => rolls.shift() ?? 0;
}

for (const module of [fast, traced]) {
  await using sandbox = await table(module, player());
  const replayed = ending(await sandbox.tryCall("play"), sandbox);
  console.log(`replayed by ${module.engine}: ${replayed === failure ? "the same" : replayed}`);
}

await using sandbox = await table(traced, player());
const { text } = await sandbox.trace("play");
console.log(text.trimEnd().split("\n").slice(-5).join("\n"));
