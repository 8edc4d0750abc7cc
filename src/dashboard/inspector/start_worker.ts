/** The Workers that pages start. */

/** Their programs, as the server serves them. */
const WORKER_PROGRAMS = {
  inspector: "/assets/inspector.js",
  wat: "/assets/wat.js",
} as const;

/** A key of {@linkcode WORKER_PROGRAMS}. */
export type WorkerProgram = keyof typeof WORKER_PROGRAMS;

/** The name that the content security policy has to allow for `trusted-types`. */
const WORKER_POLICY = "aegis-workers";

/** Of the browsers that check which addresses programs are loaded from. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
    createScriptURL(url: string): unknown;
  };
}

/** Makes what starts Workers of a page; once, since the page's policy admits one of its name. */
export function workerStarter(): (program: WorkerProgram) => Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }; // not all browsers have it
  const policy = trustedTypes?.createPolicy(WORKER_POLICY, { createScriptURL: ownProgram });
  return (program) => {
    const url = WORKER_PROGRAMS[program];
    // A trusted address stands wherever a string does.
    return new Worker((policy?.createScriptURL(url) ?? url) as string, { type: "module", name: program });
  };
}

function ownProgram(url: string): string {
  if (Object.values<string>(WORKER_PROGRAMS).includes(url)) return url;
  throw new TypeError(`Cannot start a Worker from "${url}": it is no program of ours`);
}
