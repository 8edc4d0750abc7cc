/**
 * The one place that imports `fast-check`. It is named with its version here, and not in `deno.json`, whose packages
 * everybody fetches who runs the command.
 */
export { default } from "npm:fast-check@4.10.2";
