/** What is asked of each, and what counts as an answer. A driver only tells what it saw: it is judged here, for all alike. */
import { BEGUN, BOUNDS, type GuestName, RIGHT } from "./guests.ts";
import type { Seen } from "./seen.ts";

/**
 * `yes` and `no` were seen. `lacks` is what it does not offer, by its own documentation. `unknown` is what was not measured: what did
 * not run has no answer.
 */
export interface Answer {
  readonly answer: "yes" | "no" | "lacks" | "unknown";
  readonly detail: string;
}

/** A guest that behaves, twice, the one that does harm, and the number in the file that no guest was granted. */
export interface Runs {
  readonly behaved: readonly [Seen, Seen];
  readonly harmed: Seen;
  readonly secret: number;
}

export interface Question {
  readonly name: string;
  readonly text: string;
  readonly guest: GuestName;
  /** Whether a host that dies or hangs is a `no`; otherwise it is no answer. */
  readonly aboutHost: boolean;
  /** Of runs in which guests that behave did so, and the other one began. */
  readonly judge: (runs: Runs) => Answer;
}

/** Milliseconds of processor time in a second that a host may need that has nothing to do. */
const IDLE = 100;

const yes = (detail: string): Answer => ({ answer: "yes", detail });
const no = (detail: string): Answer => ({ answer: "no", detail });

function isIdle({ idle = Infinity }: Seen): boolean {
  return idle < IDLE;
}

function idleText({ idle = 0 }: Seen): string {
  return `${idle.toFixed()} ms of processor time in the second after it`;
}

function endText({ ended }: Seen): string {
  if (ended === undefined) return "its host did not say how it ended";
  if (ended.how === "silent") return `its host still waited after ${(ended.after / 1000).toFixed()} s`;
  return `${ended.how} after ${ended.after.toFixed()} ms${ended.text === "" ? "" : `: ${ended.text}`}`;
}

/** Stopped by its host, which then runs another guest. */
function survives(seen: Seen): boolean {
  return seen.ended?.how === "stopped" && seen.later.at(-1) === RIGHT;
}

/** Whether a file outside was read. The guest says its bytes; an error of the host says that it got none. */
function judgeFile({ harmed: { said, ended }, secret }: Runs): Answer {
  if (said.includes(secret)) return no("the guest has read it");
  const error = said.find((value) => value < 0);
  if (error !== undefined && ended?.how === "returned") return yes(`refused with error number ${-error}`);
  return ended?.how === "stopped"
    ? yes(`stopped: ${ended.text}`)
    : { answer: "unknown", detail: "neither refused nor read" };
}

export const QUESTIONS = [
  {
    name: "loop",
    text: `an endless loop that may take ${BOUNDS.time / 1000} s: its caller goes on`,
    guest: "loop",
    aboutHost: true,
    judge: ({ harmed }) => (harmed.ended?.how === "stopped" ? yes : no)(endText(harmed)),
  },
  {
    name: "idle",
    text: "… and nothing computes on",
    guest: "loop",
    aboutHost: true,
    judge: ({ harmed }) => (isIdle(harmed) ? yes : no)(idleText(harmed)),
  },
  {
    name: "next",
    text: "… and the same process runs the next guest",
    guest: "loop",
    aboutHost: true,
    judge: ({ harmed }) => harmed.later.at(-1) === RIGHT ? yes("it did") : no(harmed.refused ?? "it did not"),
  },
  {
    name: "caught",
    text: "a guest that catches all exceptions is stopped all the same",
    guest: "caught",
    aboutHost: true,
    judge: ({ harmed }) =>
      (survives(harmed) && isIdle(harmed) ? yes : no)(`${endText(harmed)}; ${idleText(harmed)}`),
  },
  {
    name: "recursion",
    text: "recursion without end is stopped, and the process lives",
    guest: "recursion",
    aboutHost: true,
    judge: ({ harmed }) => (survives(harmed) ? yes : no)(endText(harmed)),
  },
  {
    name: "memory",
    text: "a guest cannot grow its memory past a bound that its host sets",
    guest: "memory",
    aboutHost: true,
    judge: ({ harmed: { said } }) => {
      const pages = Math.max(...said);
      return (pages <= BOUNDS.pages ? yes : no)(
        `it had ${pages} pages, where ${BOUNDS.pages} were its bound`,
      );
    },
  },
  {
    name: "link",
    text: "a link in a granted directory leads to no file outside",
    guest: "link",
    aboutHost: false,
    judge: judgeFile,
  },
  {
    name: "parent",
    text: "neither does `..`",
    guest: "parent",
    aboutHost: false,
    judge: judgeFile,
  },
  {
    name: "fuel",
    text: "instructions have a budget, counted alike each time",
    guest: "fuel",
    aboutHost: false,
    judge: ({ behaved: [first, second], harmed }) => {
      if (first.used === undefined || harmed.ended?.how !== "stopped") return no(endText(harmed));
      const same = first.used === second.used;
      return (same ? yes : no)(
        `${first.used} and ${second.used} units for the same work; ${endText(harmed)}`,
      );
    },
  },
  {
    name: "told",
    text: "the host can see what a guest was refused",
    guest: "told",
    aboutHost: false,
    judge: ({ harmed: { told = [] } }) => told.length > 0 ? yes(told.join("; ")) : no("it was told nothing"),
  },
] as const satisfies readonly Question[];

export type QuestionName = (typeof QUESTIONS)[number]["name"];

/** Why a run of a guest that behaves is none; undefined when it is. */
function troubleOf({ exit, ended, said }: Seen): string | undefined {
  if (exit.how !== "ended") return exit.text;
  if (ended?.how !== "returned") return ended?.text ?? "its end was not told";
  return said.at(-1) === RIGHT ? undefined : `it said ${said.at(-1)}`;
}

/** The answer that runs give; they give none unless guests that behave do so there, and the other one began. */
export function answerOf({ judge, aboutHost }: Question, runs: Runs): Answer {
  const { behaved, harmed } = runs, unknown = (detail: string): Answer => ({ answer: "unknown", detail });
  const trouble = behaved.map(troubleOf).find((text) => text !== undefined);
  if (trouble !== undefined) return unknown(`a guest that behaves fails: ${trouble}`);
  if (!harmed.said.includes(BEGUN)) return unknown(`the guest did not begin: ${endText(harmed)}`);
  const { how, text } = harmed.exit;
  if (how === "failed") return unknown(text);
  if (how !== "ended") return aboutHost ? no(text) : unknown(text);
  return judge(runs);
}
