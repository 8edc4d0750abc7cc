import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  type Compared,
  type Comparison,
  COMPARISON_PAGE,
  readComparison,
} from "../../bench/comparison/comparison.ts";
import { BEGUN, GUESTS, RIGHT } from "../../bench/comparison/guests.ts";
import {
  type Answer,
  answerOf,
  type Question,
  QUESTIONS,
  type Runs,
} from "../../bench/comparison/questions.ts";
import { BEGIN, END, renderPage, renderTable, withTable } from "../../bench/comparison/render.ts";
import { runDriver } from "../../bench/comparison/run.ts";
import { type Ask, type Line, readSeen, type Seen } from "../../bench/comparison/seen.ts";
import { subjects } from "../../bench/comparison/subjects.ts";
import { compileText } from "../testsuite/module_bytes.ts";

const ROOT = new URL("../../", import.meta.url);

const SECRET = 7777;

function seenOf(lines: readonly Line[], exit: Seen["exit"] = { how: "ended", text: "" }): Seen {
  return readSeen(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), exit);
}

const RETURNED = { how: "returned", text: "", after: 5 } as const;
const STOPPED = { how: "stopped", text: "timeout", after: 510 } as const;

const BEHAVED = seenOf([{ said: RIGHT }, { ended: RETURNED }, { used: 8000 }]);

function runs(harmed: Seen, first = BEHAVED, second = BEHAVED): Runs {
  return { behaved: [first, second], harmed, secret: SECRET };
}

function question(name: string): Question {
  const found = QUESTIONS.find((one) => one.name === name);
  assert(found !== undefined, name);
  return found;
}

function answer(name: string, given: Runs): Answer["answer"] {
  return answerOf(question(name), given).answer;
}

/** A host that stopped the guest, idles and runs the next. */
const HELD = seenOf([{ said: BEGUN }, { ended: STOPPED }, { idle: 3 }, { later: RIGHT }]);

Deno.test("answerOf() gives no answer unless the guest that behaves did so, twice", () => {
  const bad: Seen[] = [
    seenOf([]),
    seenOf([], { how: "failed", text: "exit status 1: TypeError: no such option" }),
    seenOf([{ said: RIGHT }], { how: "hung", text: "it had not ended" }),
    seenOf([{ said: 41 }, { ended: RETURNED }]),
    seenOf([{ said: RIGHT }, { ended: STOPPED }]),
    seenOf([{ ended: { how: "stopped", text: "invalid execArgv flags", after: 1 } }]),
  ];
  for (const one of QUESTIONS) {
    for (const trouble of bad) {
      assertEquals(answer(one.name, runs(HELD, trouble)), "unknown", one.name);
      assertEquals(answer(one.name, runs(HELD, BEHAVED, trouble)), "unknown", one.name);
    }
  }
  assertEquals(answerOf(question("loop"), runs(HELD, bad[1])), {
    answer: "unknown",
    detail: "a guest that behaves fails: exit status 1: TypeError: no such option",
  });
});

Deno.test("answerOf() gives no answer when the guest that does harm did not begin, or the program failed", () => {
  const refused = seenOf([{ ended: { how: "stopped", text: "CompileError", after: 1 } }, { idle: 1 }]);
  const failed = seenOf([{ said: BEGUN }], { how: "failed", text: "exit status 1: KeyError" });
  for (const { name } of QUESTIONS) {
    assertEquals(answer(name, runs(refused)), "unknown", name);
    assertEquals(answer(name, runs(failed)), "unknown", name);
  }
});

Deno.test("answerOf() counts a host that dies or hangs where it is asked about, and nowhere else", () => {
  for (const how of ["died", "hung"] as const) {
    const seen = seenOf([{ said: BEGUN }], { how, text: "SIGSEGV" });
    for (const { name, aboutHost } of QUESTIONS) {
      assertEquals(answerOf(question(name), runs(seen)), {
        answer: aboutHost ? "no" : "unknown",
        detail: "SIGSEGV",
      });
    }
  }
});

Deno.test("answerOf() tells a loop's caller, its thread and the next guest apart", () => {
  const computing = seenOf([{ said: BEGUN }, { ended: STOPPED }, { idle: 980 }, { later: RIGHT }]);
  const silent = seenOf([{ said: BEGUN }, { ended: { how: "silent", text: "", after: 6000 } }, {
    idle: 980,
  }]);
  const answers = (seen: Seen) => ["loop", "idle", "next", "caught"].map((name) => answer(name, runs(seen)));
  assertEquals(answers(HELD), ["yes", "yes", "yes", "yes"]);
  assertEquals(answers(computing), ["yes", "no", "yes", "no"]);
  assertEquals(answers(silent), ["no", "no", "no", "no"]);
});

Deno.test("answerOf() takes a file for read when the guest knows its bytes, and for refused when it says an error", () => {
  const file = (said: number[], ended: Seen["ended"] = RETURNED) =>
    answer(
      "link",
      runs(seenOf([{ said: BEGUN }, ...said.map((one) => ({ said: one })), { ended: ended ?? RETURNED }])),
    );
  assertEquals([file([SECRET]), file([-76]), file([], STOPPED), file([0])], ["no", "yes", "yes", "unknown"]);
});

Deno.test("answerOf() wants the same count twice, an end, pages within their bound, and a word of what was refused", () => {
  const other = seenOf([{ said: RIGHT }, { ended: RETURNED }, { used: 8001 }]);
  const uncounted = seenOf([{ said: RIGHT }, { ended: RETURNED }]);
  const ran = seenOf([{ said: BEGUN }, { ended: RETURNED }]);
  assertEquals(
    [runs(HELD), runs(HELD, BEHAVED, other), runs(HELD, uncounted), runs(ran)].map((one) =>
      answer("fuel", one)
    ),
    ["yes", "no", "no", "no"],
  );
  const grown = (pages: number) => runs(seenOf([{ said: BEGUN }, { said: pages }, { ended: RETURNED }]));
  assertEquals([64, 65].map((pages) => answer("memory", grown(pages))), ["yes", "no"]);
  const told = (texts?: string[]) =>
    runs(seenOf([{ said: BEGUN }, ...texts === undefined ? [] : [{ told: texts }]]));
  assertEquals([told(["read /x"]), told([]), told()].map((one) => answer("told", one)), ["yes", "no", "no"]);
});

Deno.test("readSeen() passes over what is no line of a driver", () => {
  const seen = readSeen('warning: {\n{"said":1}\n{}\n[1]\nlast {"said":2}\n{"said":3}', {
    how: "ended",
    text: "",
  });
  assertEquals(seen.said, [1, 3]);
});

const ASK: Ask = { guest: "none", time: 500, pages: 64, times: 0 };

Deno.test("runDriver() tells programs that hang, fail and die apart", async () => {
  const driver = (code: string) =>
    runDriver([Deno.execPath(), "eval", "--no-config", `console.log('{"said":1}'); ${code}`], ASK);
  const hangs = [
    Deno.execPath(),
    "eval",
    "--no-config",
    "console.log('{\"said\":1}'); setInterval(() => {}, 1000)",
  ];
  const hung = await runDriver(hangs, ASK, { patience: 1500 });
  assertEquals(hung.exit, { how: "hung", text: "its process had not ended after 1.5 s" });
  const [failed, died] = await Promise.all([
    driver("throw new TypeError('no such option')"),
    driver("Deno.kill(Deno.pid, 'SIGABRT')"),
  ]);
  assertEquals([failed.exit.how, failed.said, died.exit.how, died.said], ["failed", [1], "died", [1]]);
  assert(failed.exit.text.includes("no such option"), failed.exit.text);
  assertEquals(died.exit.text, "its process ended by SIGABRT");
});

Deno.test("a driver tells how a guest ended that behaves, and one that does not, and runs the next", async () => {
  const folder = await Deno.makeTempDir(), behaves = `${folder}/behaves.wasm`, harms = `${folder}/harms.wasm`;
  await Deno.writeFile(behaves, compileText(GUESTS.recursion.behaves));
  await Deno.writeFile(harms, compileText(GUESTS.recursion.harms));
  const command = subjects(undefined).find(({ name }) => name === "worker")?.command ?? [];
  const first = await runDriver(command, { ...ASK, time: 20_000, guest: behaves });
  assertEquals([first.exit.how, first.ended?.how, first.said, first.idle], [
    "ended",
    "returned",
    [RIGHT],
    undefined,
  ]);
  const second = await runDriver(command, { ...ASK, time: 20_000, guest: harms, then: behaves });
  assertEquals([second.ended?.how, second.said, second.later], ["stopped", [BEGUN], [RIGHT]]);
  assert((second.idle ?? 0) > 0 && second.ended?.text.includes("call stack size"), second.ended?.text);
  const timed = await runDriver(command, { ...ASK, time: 20_000, guest: behaves, times: 3 });
  assertEquals([timed.times.length, timed.said], [3, []]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("every guest is a module that an engine takes, and those that need no files run in it", async () => {
  for (const [name, { behaves, harms, ...guest }] of Object.entries(GUESTS)) {
    assert(WebAssembly.validate(compileText(harms)), name);
    const module = await WebAssembly.compile(compileText(behaves)), said: number[] = [];
    if ("files" in guest) continue;
    const host = { said: (value: number) => said.push(value) };
    const { run } = (await WebAssembly.instantiate(module, { host })).exports;
    (run as () => void)();
    assertEquals(said.at(-1), RIGHT, name);
  }
});

Deno.test("what a subject does not offer has an address, and Aegis lacks nothing that is asked", () => {
  const [aegis, ...others] = subjects(undefined);
  assertEquals([aegis?.name, aegis?.lacks], ["aegis", {}]);
  for (const { name, lacks } of others) {
    for (const { link } of Object.values(lacks)) {
      assert(URL.canParse(link) && link.startsWith("https:"), name);
    }
  }
});

const MACHINE = {
  processor: "One",
  cores: 2,
  memory: 4,
  system: "linux x86_64",
  deno: "2.9.6",
  v8: "15.0",
  aegis: "0.1.0",
};

function compared(name: string, given: Answer, times: Compared["times"], inReadme = true): Compared {
  const answers = Object.fromEntries(QUESTIONS.map((one) => [one.name, given])) as Compared["answers"];
  return { name, title: name.toUpperCase(), what: `${name} 1.0`, answers, times, inReadme };
}

const COMPARISON: Comparison = {
  date: "2026-01-31",
  machine: MACHINE,
  compared: [
    compared("aegis", { answer: "yes", detail: "stopped" }, { start: 10, work: 800 }),
    compared("other", { answer: "unknown", detail: "it failed" }, { start: 4.2 }),
    compared("third", { answer: "no", detail: "it went on" }, {}, false),
  ],
};

Deno.test("renderTable() shows no answer as none, and times as ratios to the first", () => {
  const table = renderTable(COMPARISON.compared).split("\n");
  assertEquals(table[0], "|  | AEGIS | OTHER | THIRD |");
  assert(table.includes("| neither does `..` | yes | not measured | **no** |"), table.join("\n"));
  assertEquals(table.slice(-2).map((line) => line.split(" | ").slice(1).join(" | ")), [
    "1 | 0.42 | not measured |",
    "1 | not measured | not measured |",
  ]);
});

Deno.test("renderPage() says why there is no answer, and withTable() shows chosen columns in the place of the table alone", () => {
  const page = renderPage(COMPARISON);
  assert(page.includes("- OTHER, not measured: it failed"), page);
  assert(page.includes("- other 1.0") || page.includes("- OTHER: other 1.0"), page);
  const text = withTable(`before\n${BEGIN}\nold\n${END}\nafter`, COMPARISON);
  assert(text.startsWith("before\n") && text.endsWith("\nafter") && !text.includes("old"), text);
  assert(text.includes("OTHER") && !text.includes("THIRD"), text);
  for (const bad of ["", BEGIN, `${BEGIN}${END}${BEGIN}${END}`]) {
    assertThrows(() => withTable(bad, COMPARISON), Error, "Cannot find the place");
  }
});

/** Without what the formatter lines up. */
function plain(text: string): string {
  return text.replaceAll(/-{3,}/g, "---").replaceAll(/[ \n]+/g, " ").trim();
}

const comparison = await readComparison();

Deno.test({
  name: "the page and the README have the answers that were seen: run deno task bench:comparison --render",
  ignore: comparison === undefined, // no run is kept yet
  async fn() {
    assert(comparison !== undefined);
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    const page = await Deno.readTextFile(new URL(COMPARISON_PAGE, ROOT));
    assertEquals(plain(page), plain(renderPage(comparison)));
    assertEquals(plain(readme), plain(withTable(readme, comparison)));
    assertEquals(comparison.compared[0]?.name, "aegis");
    const section = readme.split("\n## ").find((one) => one.startsWith("What else there is")) ?? "";
    assert(section.trimEnd().split("\n").length <= 25, "the section is longer than 25 lines");
  },
});
