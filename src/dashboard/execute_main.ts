/** The program of the page. */
import { part } from "./dom.ts";
import { LaunchForm } from "./forms/launch_form.ts";
import { startPage } from "./frame.ts";

await startPage((frame) => {
  const form = new LaunchForm(part("launch", HTMLElement), { frame, onChange: () => {} });
  return { refresh: () => form.refresh() };
});
