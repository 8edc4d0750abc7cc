/** The program of the page. */
import { startPage } from "./frame.ts";

await startPage(() => ({ refresh: async () => {} }));
