/**
 * A computation that survives the end of its process. A worker saves its guest every so often; it is killed, without a
 * warning, and a second one goes on from the midst of the loop in which the first one was.
 *
 *     deno run -A examples/checkpoint/main.ts
 */
import { Aegis } from "../../mod.ts";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** What the worker does, begun or gone on with. @param file where it saves */
async function work(file: string): Promise<void> {
  await using runtime = await Aegis.create({ engine: "interpreter", fuelLimit: "unlimited", timeout: "10m" });
  const saved = await Deno.readFile(file).catch(() => undefined);
  await using sandbox = saved === undefined ? await runtime.sandbox().build() : await runtime.restore(saved);
  if (saved === undefined) {
    await sandbox.loadModule(await runtime.loadFile(new URL("longest.wat", import.meta.url)));
  }
  console.log(saved === undefined ? "begins" : `goes on in "${sandbox.interruptedCall?.name}"`);

  let working = true;
  const answer = (saved === undefined ? sandbox.call("longest", [300_000]) : sandbox.continueCall())
    .finally(() => working = false);
  for (;;) {
    await Promise.race([answer, pause(100)]);
    if (!working) break;
    await Deno.writeFile(`${file}.new`, await sandbox.snapshot());
    await Deno.rename(`${file}.new`, file); // the old one, or the new one, and never half of it
  }
  console.log(`found ${await answer}, for ${sandbox.metrics().fuelConsumed} units of fuel in all`);
}

/** Has two workers do it, the first of which does not live to see the end. */
async function supervise(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_checkpoint_" }), file = `${folder}/longest.snapshot`;
  const start = () =>
    new Deno.Command(Deno.execPath(), { args: ["run", "-A", import.meta.filename ?? "", file] }).spawn();

  const first = start(), over = first.status.then(() => true);
  while (!await Deno.stat(file).catch(() => false)) {
    if (await Promise.race([over, pause(20)])) {
      throw new Error("It was done before there was anything to save");
    }
  }
  first.kill("SIGKILL");
  await over;
  console.log("killed");
  await start().status;
  await Deno.remove(folder, { recursive: true });
}

const [file] = Deno.args;
await (file === undefined ? supervise() : work(file));
