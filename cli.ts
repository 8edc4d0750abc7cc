/** The `aegis` command. */
import { main } from "./src/cli/main.ts";
import { systemIo } from "./src/cli/system_io.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, systemIo()));
