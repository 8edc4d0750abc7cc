import {
  EXECUTION_STATUSES,
  filterQuery,
  isFiltered,
  type ListFilter,
  NO_FILTER,
  readFilter,
  TASK_STATES,
  writeFilter,
} from "../../../src/dashboard/tasks/list_filter.ts";
import { viewOf } from "../../../src/dashboard/tasks/view_of.ts";
import { fieldText, fieldTime } from "../../../src/dashboard/tasks/time_range.ts";
import { assert, assertEquals } from "../../assert.ts";

const FULL: ListFilter = {
  statuses: ["running", "failed"],
  module: "0f".repeat(32),
  group: "a, b & c",
  text: "<b>ü%",
  time: { since: 1000, until: 2000 },
};

Deno.test("a filter comes back from the query that it was written into", () => {
  for (const filter of [NO_FILTER, FULL, { ...FULL, time: { within: "week" } } as const]) {
    assertEquals(readFilter(new URLSearchParams(writeFilter(filter).toString()), TASK_STATES), filter);
  }
  assertEquals(writeFilter(NO_FILTER).toString(), "");
  assert(!isFiltered(NO_FILTER) && isFiltered(FULL));
});

Deno.test("readFilter() takes nothing for a filter that it does not know", () => {
  const query = new URLSearchParams(
    "status=succeeded,<b>&module=../x&within=toString&since=-1&until=1e9&text=",
  );
  assertEquals(readFilter(query, TASK_STATES), NO_FILTER);
  assertEquals(readFilter(query, EXECUTION_STATUSES).statuses, ["succeeded"]);
  assertEquals(readFilter(new URLSearchParams({ text: "x".repeat(300) }), TASK_STATES).text.length, 200);
});

Deno.test("filterQuery() counts a stretch that ends now from now", () => {
  assertEquals(filterQuery({ ...NO_FILTER, time: { within: "hour" } }, 3_600_500).since, 500);
  assertEquals(filterQuery({ ...NO_FILTER, time: { since: undefined, until: 7 } }, 0), {
    module: "",
    group: "",
    text: "",
    until: 7,
  });
});

Deno.test("a field of a time has the minute that it was given, in the person's own zone", () => {
  const minute = 60_000 * 29_000_000;
  assertEquals(fieldTime(fieldText(minute)), minute);
  assertEquals([fieldText(undefined), fieldTime(""), fieldTime("soon")], ["", undefined, undefined]);
});

Deno.test("viewOf() shows the list for what it does not understand", () => {
  assertEquals(viewOf("?task=a%2Fb"), { name: "task", id: "a/b" });
  assertEquals(viewOf("?execution=12"), { name: "execution", id: 12 });
  assertEquals(viewOf("?view=executions&text=x"), { name: "executions" });
  for (const search of ["", "?execution=0", "?execution=1e3", "?task=", "?view=x"]) {
    assertEquals(viewOf(search), { name: "tasks" });
  }
});
