/** The checks in Aegis: `deno run -A --unstable-worker-options aegis.ts CHECK MODULE FOLDER [ARGUMENT…]`. */
import process from "node:process";
import { Aegis, AegisError, FilesystemCapability } from "../../mod.ts";
import { BOUNDS, type Said } from "./checks.ts";

const [check = "", file = "", folder = "", ...args] = Deno.args;

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return `returned ${await work()}`;
  } catch (error) {
    if (error instanceof AegisError) return error.code;
    throw error;
  }
}

/** Milliseconds of processor time that this process takes in a second in which it has nothing to do. */
async function restlessness(): Promise<number> {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function answer(): Promise<Said> {
  await using runtime = await Aegis.create({
    isolation: "worker",
    timeout: BOUNDS.time,
    fuelLimit: check === "fuel" ? 1_000_000 : "unlimited",
    memoryLimit: BOUNDS.pages * 65536,
    tableLimit: BOUNDS.entries,
    functionTableLimit: BOUNDS.entries,
  });
  const module = await runtime.loadFile(file);
  if (check === "link" || check === "readonly") {
    const capabilities = [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])];
    await using sandbox = await runtime.sandbox({ capabilities, args: ["program", ...args] }).build();
    await sandbox.loadModule(module);
    const status = await sandbox.run(), { stdout, stderr } = sandbox.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { answer: status === 0 ? "no" : "yes", detail: said.trim() };
  }
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  const detail = await codeOf(() => sandbox.call("run"));
  if (check === "fuel") {
    const first = sandbox.metrics().fuelConsumed;
    await sandbox.reset();
    const again = await codeOf(() => sandbox.call("run")), second = sandbox.metrics().fuelConsumed;
    const same = detail === "OutOfFuel" && again === detail && first === second;
    return { answer: same ? "yes" : "no", detail: `${first} and ${second} units` };
  }
  if (check === "loop" || check === "caught") {
    const busy = await restlessness();
    return {
      answer: detail === "Timeout" && busy < 200 ? "yes" : "no",
      detail: `${detail}, then ${busy.toFixed()} ms of processor time in a second`,
    };
  }
  return { answer: detail === "returned 0" ? "yes" : "no", detail };
}

console.log(JSON.stringify(await answer()));
