/** The tables of docs/tasks.md and docs/server.md are those of the code. */
import { AegisError, ERROR_CODES, type ErrorCode } from "../src/core/errors.ts";
import { errorAnswer, SERVER_CODES, type ServerCode } from "../src/server/server_error.ts";
import { EXECUTION_STATUSES, PRIORITIES, TASK_EVENT_TYPES } from "../tasks.ts";
import {
  ASKED,
  TASK_STATES,
  type TaskAction,
  type TaskState,
  TRANSITIONS,
} from "../src/tasks/task_states.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { ServerRig } from "./server/rig.ts";

const ROOT = new URL("../", import.meta.url);
const TASKS = Deno.readTextFileSync(new URL("docs/tasks.md", ROOT));
const SERVER = Deno.readTextFileSync(new URL("docs/server.md", ROOT));

/** Rows of all tables of a document, cell by cell. */
function rows(markdown: string): string[][] {
  return markdown.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

Deno.test("docs/tasks.md's table of states is that of the transitions", () => {
  const steps = (state: TaskState, isAsked: boolean) =>
    (Object.keys(TRANSITIONS) as TaskAction[]).flatMap((action) => { // its own keys
      const row: Partial<Record<TaskState, TaskState>> = TRANSITIONS[action], next = row[state];
      if (next === undefined || ASKED.some((asked) => asked === action) !== isAsked) return [];
      return [`\`${action}\`: ${next}`];
    }).join(", ");
  const expected = Object.entries(TASK_STATES).map(([name, { active, doc }]) => {
    const state = name as TaskState; // as above
    return [`\`${name}\``, doc, active ? "yes" : "no", steps(state, true), steps(state, false)];
  });
  const documented = rows(TASKS).filter(([first = "", , , , fifth]) =>
    fifth !== undefined && first.startsWith("`")
  );
  assertEquals(documented, expected);
});

Deno.test("docs/tasks.md has the priorities and statuses of the code", () => {
  for (const [name, { headStart, weight }] of Object.entries(PRIORITIES)) {
    assert(
      rows(TASKS).some((row) => row.join() === `\`${name}\`,${headStart / 1000} s,${weight}`),
      name,
    );
  }
  assertStringIncludes(TASKS, EXECUTION_STATUSES.map((status) => `\`${status}\``).join(", "));
});

Deno.test("docs/server.md's routes are those of the API's own document, in the same words", async () => {
  await using rig = await ServerRig.start();
  const { body } = await rig.ask("GET", "/api/v1/openapi.json");
  const { paths } = body as { paths: Record<string, Record<string, { summary: string }>> }; // as OpenAPI has it
  const expected = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary }]) => `${method.toUpperCase()} ${path}: ${summary}`)
  );
  const documented = rows(SERVER).flatMap(([route = "", summary]) => {
    const [, name] = /^`([A-Z]+ \/\S*)`$/.exec(route) ?? [];
    return name === undefined ? [] : [`${name}: ${summary}`];
  });
  assertEquals(documented.toSorted(), expected.toSorted());
});

Deno.test("docs/server.md's statuses are those of the errors", () => {
  const documented = new Map<string, number>();
  let others: number | undefined;
  for (const [status = "", codes = ""] of rows(SERVER)) {
    if (!/^[45]\d\d$/.test(status)) continue;
    if (codes.startsWith("all others")) others = Number(status);
    else for (const [, code = ""] of codes.matchAll(/`(\w+)`/g)) documented.set(code, Number(status));
  }
  for (const code of Object.keys(SERVER_CODES) as ServerCode[]) { // its own keys, here and below
    assertEquals(documented.get(code), SERVER_CODES[code], code);
    documented.delete(code);
  }
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { status } = errorAnswer(new AegisError(code, ""), () => {});
    assertEquals(documented.get(code) ?? others, status, code);
    if (status !== others) documented.delete(code);
  }
  assertEquals([...documented.keys()], [], "codes that there are none of");
});

Deno.test("docs/server.md names every kind of event", () => {
  for (const type of TASK_EVENT_TYPES) assertStringIncludes(SERVER, `\`${type}\``);
});
