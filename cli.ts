/** The `aegis` command. */
import { main } from "./src/cli/main.ts";
import { systemIo } from "./src/cli/system_io.ts";
import { READER_GONE } from "./src/cli/write_out.ts";

// Nobody wants the rest of what `aegis disasm big.wasm | head -1` would print.
if (import.meta.main) Deno.exit(await main(Deno.args, systemIo(() => Deno.exit(READER_GONE))));
