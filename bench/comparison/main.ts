/**
 * `deno task bench:comparison`: asks Aegis and what one would take in its place the same questions, and writes docs/comparison.json,
 * docs/comparison.md and the table of the README. What it needs installed is not the gate's: Node, Python, `pip install wasmtime`, and
 * Extism's SDK, by `npm install --prefix FOLDER @extism/extism@2.0.0-rc13`. What is not there is left out.
 *
 *     --packages FOLDER  where npm has installed Extism's SDK
 *     --only NAME,…      these questions or figures alone: prints the answers, and writes nothing
 *     --of NAME,…        these subjects alone: likewise
 *     --render           writes the pages anew from the answers that there are, and runs nothing
 */
import { parseArgs } from "node:util";
import { compileText } from "../../tests/testsuite/module_bytes.ts";
import { median } from "../fuel/statistics.ts";
import { thisMachine } from "../page/machine.ts";
import { type Compared, type FigureName, FIGURES, readComparison } from "./comparison.ts";
import { BOUNDS, type Guest, type GuestName, GUESTS, RIGHT } from "./guests.ts";
import {
  type Answer,
  answerOf,
  type Question,
  type QuestionName,
  QUESTIONS,
  type Runs,
} from "./questions.ts";
import { writePages } from "./render.ts";
import { runDriver } from "./run.ts";
import type { Ask, Seen } from "./seen.ts";
import { sdkFile, type Subject, subjects } from "./subjects.ts";

const { values } = parseArgs({
  options: {
    packages: { type: "string" },
    only: { type: "string" },
    of: { type: "string" },
    render: { type: "boolean", default: false },
  },
});

const packages = values.packages && await Deno.realPath(values.packages);

/** Of each figure: processes of each subject in turn, runs in each, and how many of the first do not count. */
const ROUNDS = 3,
  TIMES: Record<FigureName, number> = { start: 23, work: 5 },
  FIRST: Record<FigureName, number> = {
    start: 3,
    work: 1,
  };

/** A place on disk for a guest: its two modules, and the directory that it may be granted. */
async function place(guest: Guest): Promise<{ folder: string; secret: number }> {
  const folder = await Deno.makeTempDir();
  const secret = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
  await Deno.writeFile(`${folder}/behaves.wasm`, compileText(guest.behaves));
  await Deno.writeFile(`${folder}/harms.wasm`, compileText(guest.harms));
  await Deno.mkdir(`${folder}/granted`);
  await Deno.writeFile(`${folder}/granted/inside`, new Uint8Array(Int32Array.of(RIGHT).buffer));
  await Deno.writeFile(`${folder}/outside`, new Uint8Array(Int32Array.of(secret).buffer));
  await Deno.symlink("../outside", `${folder}/granted/link`);
  return { folder, secret };
}

function askOf(guest: Guest, folder: string): Pick<Ask, "pages" | "folder" | "package"> {
  return {
    pages: BOUNDS.pages,
    ...guest.files === true ? { folder: `${folder}/granted` } : {},
    ...packages === undefined ? {} : { package: sdkFile(packages) },
  };
}

async function runsOf({ command }: Subject, name: GuestName): Promise<Runs> {
  const guest: Guest = GUESTS[name], { folder, secret } = await place(guest);
  try {
    const ask = {
      ...askOf(guest, folder),
      times: 0,
      // A budget of instructions is what ends that guest: nobody waits for its time.
      ...name === "fuel" ? { time: 100 * BOUNDS.time, fuel: BOUNDS.fuel } : { time: BOUNDS.time },
    };
    const behaves = `${folder}/behaves.wasm`, harms = `${folder}/harms.wasm`;
    const first = await runDriver(command, { ...ask, guest: behaves });
    const second = await runDriver(command, { ...ask, guest: behaves });
    return {
      behaved: [first, second],
      harmed: await runDriver(command, { ...ask, guest: harms, then: behaves }),
      secret,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The answers of a subject; guests that several questions are about run once. */
async function ask(subject: Subject, questions: readonly Question[]): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {}, seen = new Map<GuestName, Runs>();
  for (const question of questions) {
    const lack = subject.lacks[question.name as QuestionName]; // each is a row of QUESTIONS
    if (lack === undefined) {
      const runs = seen.get(question.guest) ?? await runsOf(subject, question.guest);
      seen.set(question.guest, runs);
      answers[question.name] = answerOf(question, runs);
    } else {
      answers[question.name] = { answer: "lacks", detail: `${lack.why} ([documentation](${lack.link}))` };
    }
    const { answer, detail } = answers[question.name] as Answer;
    console.log(`${subject.title.padEnd(22)}${question.name.padEnd(11)}${answer.padEnd(9)}${detail}`);
  }
  return answers;
}

/** Milliseconds of each subject, in turn; a subject in which it does not run has none. */
async function measure(all: readonly Subject[], name: FigureName): Promise<Map<string, number>> {
  const guest: Guest = GUESTS[name], { folder } = await place(guest), times = new Map<string, number[]>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const { command, name: subject } of all) {
        const seen: Seen = await runDriver(command, {
          ...askOf(guest, folder),
          guest: `${folder}/harms.wasm`,
          time: 20_000,
          times: TIMES[name],
        });
        if (seen.exit.how === "ended") {
          times.set(subject, [...times.get(subject) ?? [], ...seen.times.slice(FIRST[name])]);
        } else {
          console.error(`${subject}: ${seen.exit.text}`);
        }
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return new Map([...times].map(([subject, list]) => [subject, median(list)]));
}

async function installed(): Promise<{ subject: Subject; what: string }[]> {
  const found = [], names = values.of?.split(",");
  for (const subject of subjects(packages)) {
    const what = await subject.what();
    if (what === undefined) console.log(`${subject.title}: not installed, left out`);
    else if (names?.includes(subject.name) ?? true) found.push({ subject, what });
  }
  return found;
}

async function main(): Promise<number> {
  if (values.render) {
    const comparison = await readComparison();
    if (comparison === undefined) throw new Error("Cannot render: there are no answers yet");
    await writePages(comparison);
    return 0;
  }
  const names = values.only?.split(","), chosen = (name: string) => names?.includes(name) ?? true;
  const there = await installed(), answers = new Map<string, Record<string, Answer>>();
  for (const { subject } of there) {
    answers.set(subject.name, await ask(subject, QUESTIONS.filter(({ name }) => chosen(name))));
  }
  const figures = new Map<FigureName, Map<string, number>>();
  for (const { name } of FIGURES.filter(({ name }) => chosen(name))) {
    const times = await measure(there.map(({ subject }) => subject), name);
    figures.set(name, times);
    for (const [subject, time] of times) {
      console.log(`${subject.padEnd(22)}${name.padEnd(11)}${time.toFixed(2)} ms`);
    }
  }
  if (names !== undefined || values.of !== undefined) return 0;
  const compared = there.map(({ subject: { name, title, inReadme }, what }): Compared => ({
    name,
    title,
    what,
    inReadme,
    answers: answers.get(name) as Compared["answers"], // all questions were asked
    times: Object.fromEntries(
      [...figures].flatMap(([figure, times]) => times.has(name) ? [[figure, times.get(name)]] : []),
    ),
  }));
  await writePages({ date: new Date().toISOString().slice(0, 10), machine: thisMachine(), compared });
  return 0;
}

Deno.exit(await main());
