/**
 * The one place that imports `ajv`. It is named with its version here, and not in `deno.json`, whose packages everybody
 * fetches who runs the command.
 */
export { Ajv2020 } from "npm:ajv@8.17.1/dist/2020.js";
