import type { Query } from "../../../src/dashboard/api.ts";
import { ApiError } from "../../../src/dashboard/api_error.ts";
import { MOST_NAMES, TaskNames } from "../../../src/dashboard/task_names.ts";
import { assert, assertEquals } from "../../assert.ts";

const LATEST = Array.from({ length: 20 }, (_, index) => `latest-${index}`);

/** Answers as the server does; what was asked is kept. */
class FakeApi {
  readonly asked: string[] = [];
  error: ApiError | undefined;

  async get<Answer>(path: string, query?: Query): Promise<Answer> {
    this.asked.push(query === undefined ? path : `${path} ${JSON.stringify(query)}`);
    await Promise.resolve();
    if (this.error !== undefined) throw this.error;
    if (path === "/tasks") return { items: LATEST.map(taskOf), next: null, total: 20 } as Answer; // as it is asked for
    const id = path.slice("/tasks/".length);
    if (id.startsWith("gone")) throw new ApiError("NotFound", "No such task");
    return taskOf(id) as Answer; // as it is asked for
  }
}

function taskOf(id: string): { id: string; name: string; module: string } {
  return { id, name: `name of ${id}`, module: `module of ${id}` };
}

Deno.test("TaskNames asks for many by one question, and for each of the others once", async () => {
  const api = new FakeApi(), names = new TaskNames(api);
  let told = 0;
  await names.load([...LATEST, ...LATEST, "old"], () => told++);
  assertEquals(api.asked, ['/tasks {"limit":200}', "/tasks/old"]);
  assertEquals(told, 2);
  assertEquals(names.of("latest-3"), "name of latest-3");
  assertEquals(names.get("old"), { name: "name of old", module: "module of old" });
  await names.load([...LATEST, "old"], () => told++);
  assertEquals([api.asked.length, told], [2, 2]);
});

Deno.test("TaskNames asks once where several want the same at the same time", async () => {
  const api = new FakeApi(), names = new TaskNames(api);
  await Promise.all([names.load(["a"]), names.load(["a", "b"]), names.load(["b"])]);
  assertEquals(api.asked, ["/tasks/a", "/tasks/b"]);
  await Promise.all([names.load(LATEST), names.load(LATEST)]);
  assertEquals(api.asked.length, 3);
});

Deno.test("TaskNames asks no more for a task that is gone, and again where the server did not answer", async () => {
  const api = new FakeApi(), names = new TaskNames(api);
  await names.load(["gone-for-ever"]);
  await names.load(["gone-for-ever"]);
  assertEquals(api.asked, ["/tasks/gone-for-ever"]);
  assertEquals([names.of("gone-for-ever"), names.get("gone-for-ever")], ["gone-for", undefined]);
  api.error = new ApiError("Unreachable", "The server does not answer");
  await names.load(["some-task-or-other"]);
  assertEquals(names.of("some-task-or-other"), "some-tas");
  api.error = undefined;
  await names.load(["some-task-or-other"]);
  assertEquals(names.of("some-task-or-other"), "name of some-task-or-other");
});

Deno.test("TaskNames learns from events, keeps what it knew beside the name, and is bounded", async () => {
  const api = new FakeApi(), names = new TaskNames(api);
  names.learn("heard", "its name");
  await names.load(["heard"]);
  assertEquals([names.of("heard"), api.asked.length], ["its name", 0]);
  await names.load(["asked"]);
  names.learn("asked", "another");
  assertEquals(names.get("asked"), { name: "another", module: "module of asked" });
  for (let index = 0; index < MOST_NAMES; index++) names.learn(`task-${index}`, "one of many");
  assertEquals([names.get("heard"), names.get("asked")], [undefined, undefined]);
  assert(names.get("task-0") !== undefined);
});
