/** Classes A and G: what keeps the files broker serving others, whatever a guest asks it for or writes into its words. */
import type { Defence } from "../defence.ts";

const FORGED = "tests/adversarial/files/forged_test.ts",
  FAIRNESS = "tests/adversarial/files/fairness_test.ts";

/** Has the host wait for a broker that does not answer longer than any test. */
const WAITS_FOR_BROKERS = {
  file: "src/sandbox/broker_worker.ts",
  find: `const GRACE = 1000;`,
  replace: `const GRACE = 100_000;`,
} as const;

export const SERVING: readonly Defence[] = [
  {
    id: "broker-not-waited-for",
    what: "the host does not wait for a broker that the system holds up",
    lines: ["A9"],
    ...WAITS_FOR_BROKERS,
    tests: ["tests/adversarial/files/devices_test.ts"],
    only: ["A9 a FIFO that somebody outside"],
  },
  {
    id: "one-operation-each",
    what:
      "a broker does one operation for a sandbox and then looks at the next one (here it stays with a busy one for 150 ms), and who took long waits in turn",
    lines: ["A1", "A4", "A11", "G53"],
    file: "src/broker/files_service.ts",
    find: `    answerOperation(sandbox);
    return true;`,
    replace: `    answerOperation(sandbox);
    const { clock } = this.#shared, began = clock.now(), busy = sandbox as unknown as { served?: number };
    busy.served = (busy.served ?? 0) + 1;
    while (busy.served > 12 && clock.now() - began < 150) {
      if (sandbox.channel.asked) answerOperation(sandbox);
    }
    return true;`,
    also: [{
      file: "src/broker/sandbox_files.ts",
      find: `if (held > LONG) this.#restUntil = ended + held * REST;`,
      replace: `if (held > 1e9) this.#restUntil = ended + held * REST;`,
    }],
    tests: [FAIRNESS],
    only: [
      "A11 a guest that looks",
      "A1 a guest that looks at a path of 240",
      "A4 a guest",
      "A11 a guest that reads",
      "G53 a forged guest",
    ],
    seconds: 200,
  },
  {
    id: "answers-errors",
    what: "whatever is wrong with what a guest asks for is an error number, and the broker goes on",
    lines: ["G53"],
    file: "src/broker/answer_operation.ts",
    find: `  } catch (error) {
    sandbox.failed(error);`,
    replace: `  } catch (error) {
    if (error instanceof Error) throw error;
    sandbox.failed(error);`,
    tests: [FORGED],
    only: ["G53 every operation", "G53 frames of no"],
  },
  {
    id: "descriptors-own",
    what: "a descriptor that a sandbox was not given names nothing",
    lines: ["G53"],
    file: "src/broker/open_files.ts",
    find: `    if (open === undefined) throw new OperationError("badf");
    return open;`,
    replace: `    return open ?? this.#open.get(0) as OpenDirectory;`,
    tests: [FORGED],
    only: ["G53 a descriptor of another"],
  },
  {
    id: "mail-apart",
    what: "what counts the host's messages for a broker is in no guest's hands",
    lines: ["G53"],
    file: "src/protocol/broker_words.ts",
    find: `export const BROKER_WORDS = { bell: 0, ready: 1 } as const;`,
    replace: `export const BROKER_WORDS = { bell: 0, ready: 2 } as const;`,
    also: [{
      file: "src/sandbox/broker_worker.ts",
      find: `    Atomics.add(this.#mail, 0, 1);`,
      replace: `    Atomics.add(this.#view, 1, 1);`,
    }, {
      file: "src/broker/files_loop.ts",
      find: `    return (Atomics.load(this.#mail, 0) - read | 0) > 0;`,
      replace: `    return (Atomics.load(this.#words, 1) - read | 0) > 0;`,
    }, WAITS_FOR_BROKERS],
    tests: [FORGED],
    only: ["messages of the host's"],
  },
  {
    id: "broker-looks-around",
    what:
      "a broker that nobody rings for looks now and then who has given it the turn (here it is slow when it is rung for)",
    lines: ["G53"],
    file: "src/broker/files_loop.ts",
    find: `    if (woken === "timed-out") this.#service.serveAll();`,
    replace:
      `    if (woken !== "timed-out") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);`,
    tests: [FORGED],
    only: ["G53 a guest that takes away"],
  },
];
