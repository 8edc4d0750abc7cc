/** The version of the command and of both packages: `deno task gen` writes it into their configurations. */
export const VERSION = "0.1.0";
