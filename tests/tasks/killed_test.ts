/**
 * Tasks outlive SIGKILL. More of the same: `AEGIS_KILLS=50 deno test -A … tests/tasks/killed_test.ts`; the seed that is
 * printed repeats the moments with `AEGIS_SEED`.
 */
import { assert, assertEquals } from "../assert.ts";
import { Random } from "../wasm/random.ts";
import { killAgain } from "./killed_store.ts";

const KILLS = Number(Deno.env.get("AEGIS_KILLS") ?? 6);

function randomOfTest(): Random {
  const random = new Random(Number(Deno.env.get("AEGIS_SEED") ?? Date.now() % 2 ** 31));
  console.log(`seed ${random.seed}`);
  return random;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aegis_killed_" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("H61 TaskManager loses no task to SIGKILL, and runs none twice unseen", async () => {
  await inFolder(async (folder) => {
    const { found, hits } = await killAgain({
      store: `${folder}/tasks.db`,
      kind: "short",
      tasks: 60,
      makers: Math.max(2, Math.floor(KILLS / 2)),
      kills: KILLS,
      from: 20,
      within: 400,
      random: randomOfTest(),
    });
    assert(hits >= Math.min(4, KILLS), `${hits} of ${KILLS} kills hit a process that was at work`);
    assert(found.length > 0, "tasks were accepted");
    let interrupted = 0;
    for (const { task, executions } of found) {
      const ended = executions.map(({ status }) => status), last = ended.pop();
      interrupted += ended.length + (last === "interrupted" ? 1 : 0);
      assertEquals(ended.filter((status) => status !== "interrupted"), [], "what came before was cut off");
      assertEquals(task.failures, ended.length + (last === "interrupted" ? 1 : 0));
      assertEquals(executions.map(({ attempt }) => attempt), executions.map((_, index) => index + 1));
      if (task.settings.retries.interrupted) assertEquals([task.state, last], ["completed", "succeeded"]);
      else assertEquals([executions.length, task.state === "completed"], [1, last === "succeeded"]);
    }
    assert(interrupted > 0, "executions were cut off");
    console.log(`${found.length} tasks, ${interrupted} executions cut off by ${hits} kills`);
  });
});

Deno.test("H61 TaskManager goes on from the checkpoint of a task to the same result and fuel", async () => {
  await inFolder(async (folder) => {
    const of = { kind: "long", tasks: 1, makers: 1, from: 300, within: 500, random: randomOfTest() } as const;
    const undisturbed = await killAgain({ ...of, store: `${folder}/once.db`, kills: 1, from: 60_000 });
    const [once] = undisturbed.found;
    const endOf = (executions = once?.executions) => {
      const last = executions?.at(-1);
      return [last?.status, last?.results, last?.fuel];
    };
    assertEquals([undisturbed.hits, endOf()[0]], [0, "succeeded"]);
    // On a busy machine a process is killed before its first checkpoint: then they are given more time.
    for (let from: number = of.from;; from *= 2) {
      const kills = Math.max(3, KILLS / 2), store = `${folder}/often_${from}.db`;
      const disturbed = await killAgain({ ...of, store, kills, from });
      assert(disturbed.hits > 0, "no kill has hit it");
      const [often] = disturbed.found,
        { length } = often?.executions ?? [],
        attempts = often?.task.attempt ?? 0;
      assertEquals(endOf(often?.executions), endOf());
      console.log(`${length} executions, ${attempts} attempts, results ${endOf()[1]}, fuel ${endOf()[2]}`);
      if (length > attempts) break;
      assert(from < 4000, `${length} executions in ${attempts} attempts: none has gone on from a checkpoint`);
    }
  });
});
