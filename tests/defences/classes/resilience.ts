/** Class H: what a process that was killed, and a thousand hostile tasks in a row, leave behind. */
import type { Defence } from "../defence.ts";

const RESILIENCE_TEST = "tests/adversarial/resilience/resilience_test.ts",
  KILLED = "tests/tasks/killed_test.ts";

export const RESILIENCE: readonly Defence[] = [
  {
    id: "threads-ended",
    what: "the Worker of a sandbox that is closed is ended",
    lines: ["H62"],
    file: "src/sandbox/guest_back_end.ts",
    find: `    terminate: () => worker.terminate(),`,
    replace: `    terminate: () => {},`,
    tests: [RESILIENCE_TEST],
    seconds: 200,
  },
  {
    id: "running-cut",
    what: "what ran when the process was killed is found, told, and tried again when the next one starts",
    lines: ["H61"],
    file: "src/tasks/task_ledger.ts",
    find: `now());
        this.#cut(task);`,
    replace: `now());`,
    also: [{
      file: "src/tasks/task_ledger.ts",
      find:
        `      for (const id of store.tasks.ids({ states: ["running"] })) this.#move(id, "cut", { error: CUT_OFF });`,
      replace: ``,
    }],
    tests: [KILLED],
    only: ["H61"],
    direct: true,
    ends: "hang",
    seconds: 90,
  },
];
