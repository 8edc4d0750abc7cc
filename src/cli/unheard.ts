/** Why the system does not let us listen, by its code, and the way out. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

const UNHEARD: Readonly<Record<string, readonly [reason: string, suggestion: string]>> = {
  EADDRINUSE: ["another program does", "Name another port with --port, or 0 for any that is free."],
  EACCES: [
    "the system does not allow it",
    "Ports below 1024 are for administrators: name another with --port.",
  ],
  EADDRNOTAVAIL: ["this machine has no such address", "Name one that it has with --host, or leave it out."],
  EINVAL: ["this machine has no such address", "Name one that it has with --host, or leave it out."],
  ENOTFOUND: ["there is no such name", "Name an address of this machine with --host, or leave it out."],
};

/** What is told of an error of `listenHttp`. */
export function unheard(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  error: unknown,
): unknown {
  const { code } = error as { readonly code?: unknown }; // as node:http throws them
  const [reason, suggestion] = UNHEARD[String(code)] ?? [];
  if (reason === undefined || suggestion === undefined) return error;
  return new AegisError("Busy", `Cannot listen on ${quote(`${hostname}:${port}`)}: ${reason}`, {
    suggestion,
    cause: error,
  });
}
