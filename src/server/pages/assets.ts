/** Files that pages load: programs of our own, style, and the packages that browsers run. All stand in the program itself. */
import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplotScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import watrScript from "watr/dist/watr.min.js" with { type: "text" };
import icon from "./icon.svg" with { type: "text" };
import dashboardStyle from "./dashboard.css" with { type: "text" };
import executeStyle from "./execute.css" with { type: "text" };
import formsStyle from "./forms.css" with { type: "text" };
import inspectStyle from "./inspect.css" with { type: "text" };
import monitorStyle from "./monitor.css" with { type: "text" };
import tasksStyle from "./tasks.css" with { type: "text" };
import style from "./style.css" with { type: "text" };
import { DASHBOARD_SCRIPT } from "../assets/dashboard.gen.ts";
import { EXECUTE_SCRIPT } from "../assets/execute.gen.ts";
import { INSPECTOR_SCRIPT } from "../assets/inspector.gen.ts";
import { INSPECT_SCRIPT } from "../assets/inspect.gen.ts";
import { MONITOR_SCRIPT } from "../assets/monitor.gen.ts";
import { TASKS_SCRIPT } from "../assets/tasks.gen.ts";
import { THEME_SCRIPT } from "../assets/theme.gen.ts";
import { WAT_SCRIPT } from "../assets/wat.gen.ts";

/** A file, and what it is. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const SCRIPT = "text/javascript; charset=utf-8", STYLE = "text/css; charset=utf-8";

/** By name, below `/assets/`. */
export const ASSETS: Readonly<Record<string, Asset>> = {
  "icon.svg": { type: "image/svg+xml", text: icon },
  "style.css": { type: STYLE, text: style },
  "dashboard.css": { type: STYLE, text: dashboardStyle },
  "execute.css": { type: STYLE, text: executeStyle },
  "forms.css": { type: STYLE, text: formsStyle },
  "inspect.css": { type: STYLE, text: inspectStyle },
  "monitor.css": { type: STYLE, text: monitorStyle },
  "tasks.css": { type: STYLE, text: tasksStyle },
  "uplot.css": { type: STYLE, text: uplotStyle },
  "inspector.js": { type: SCRIPT, text: INSPECTOR_SCRIPT },
  "wat.js": { type: SCRIPT, text: WAT_SCRIPT },
  "watr.js": { type: SCRIPT, text: watrScript },
  "uplot.js": { type: SCRIPT, text: uplotScript },
  "theme.js": { type: SCRIPT, text: THEME_SCRIPT },
  "dashboard.js": { type: SCRIPT, text: DASHBOARD_SCRIPT },
  "tasks.js": { type: SCRIPT, text: TASKS_SCRIPT },
  "execute.js": { type: SCRIPT, text: EXECUTE_SCRIPT },
  "inspect.js": { type: SCRIPT, text: INSPECT_SCRIPT },
  "monitor.js": { type: SCRIPT, text: MONITOR_SCRIPT },
};
