/** The program of the page. */
import { startPage } from "./frame.ts";
import { InspectPage } from "./inspect/inspect_page.ts";

await startPage((frame) => {
  const page = new InspectPage(frame);
  return { refresh: () => page.refresh() };
});
