/** The program of the page Tasks. Which of its views is shown stands in the query. */
import { part } from "./dom.ts";
import { type PageFrame, type PageProgram, startPage } from "./frame.ts";
import { ExecutionList } from "./tasks/execution_list.ts";
import { RunView } from "./tasks/run_view.ts";
import { TaskList } from "./tasks/task_list.ts";
import { TaskView } from "./tasks/task_view.ts";
import { type View, viewOf } from "./tasks/view_of.ts";

const VIEWS: {
  readonly [Name in View["name"]]: (frame: PageFrame, view: Extract<View, { name: Name }>) => PageProgram;
} = {
  tasks: (frame) => new TaskList(frame),
  executions: (frame) => new ExecutionList(frame),
  task: (frame, view) => new TaskView(frame, view),
  execution: (frame, view) => new RunView(frame, view),
};

await startPage((frame) => {
  const view = viewOf(location.search);
  part(`view-${view.name}`, HTMLElement).hidden = false;
  const make = VIEWS[view.name] as (frame: PageFrame, view: View) => PageProgram; // that of this name takes this view
  return make(frame, view);
});
