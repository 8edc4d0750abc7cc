/**
 * The one place that imports `acorn`. It is named with its version here, and not in `deno.json`, whose packages everybody
 * fetches who runs the command.
 */
export { parse } from "npm:acorn@8.19.0";
