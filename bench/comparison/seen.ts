/** What a driver is asked, what it prints, and what has been seen when its process has ended. */

/** The JSON that is the driver's one argument. */
export interface Ask {
  /** A file with the module that is run. */
  readonly guest: string;
  /** Another, which is run afterwards in the same process, a second later. */
  readonly then?: string;
  /** Granted as `/data`, to read, as descriptor 3. */
  readonly folder?: string;
  /** Milliseconds that a call may take, and pages of memory. */
  readonly time: number;
  readonly pages: number;
  /** Units of fuel, where a budget is asked for. */
  readonly fuel?: number;
  /** Above 0, the module is opened, run and closed so many times, and each time is printed; then nothing else is. */
  readonly times: number;
  /** The file of Extism's SDK. */
  readonly package?: string;
}

export interface Ended {
  /** `silent` is a host that still waits for the call. */
  readonly how: "returned" | "stopped" | "silent";
  readonly text: string;
  /** Milliseconds. */
  readonly after: number;
}

/** A line that a driver prints. */
export type Line =
  | { readonly said: number }
  | { readonly ended: Ended }
  | { readonly told: readonly string[] }
  | { readonly used: number }
  /** Milliseconds of processor time in a second after the end. */
  | { readonly idle: number }
  | { readonly later: number }
  | { readonly refused: string }
  | { readonly time: number };

/** How the driver's process ended; `failed` is an exit with another status than 0, for a reason that nobody has asked about. */
export interface Exit {
  readonly how: "ended" | "failed" | "died" | "hung";
  readonly text: string;
}

export interface Seen {
  readonly exit: Exit;
  readonly said: readonly number[];
  readonly ended: Ended | undefined;
  readonly told: readonly string[] | undefined;
  readonly used: number | undefined;
  readonly idle: number | undefined;
  /** What the guest said that was run afterwards, and why it was not run to its end. */
  readonly later: readonly number[];
  readonly refused: string | undefined;
  readonly times: readonly number[];
}

/** Reads what a driver printed; lines that are none of its own are passed over. */
export function readSeen(stdout: string, exit: Exit): Seen {
  const lines: Line[] = stdout.split("\n").filter((line) => /^\{"\w+":.*\}$/.test(line)).map((line) =>
    JSON.parse(line) // drivers print nothing else in this form
  );
  const all = <Name extends string>(name: Name) =>
    lines.flatMap((line) => name in line ? [(line as Record<Name, unknown>)[name]] : []);
  return {
    exit,
    said: all("said") as number[],
    ended: all("ended")[0] as Ended | undefined,
    told: all("told")[0] as string[] | undefined,
    used: all("used")[0] as number | undefined,
    idle: all("idle")[0] as number | undefined,
    later: all("later") as number[],
    refused: all("refused")[0] as string | undefined,
    times: all("time") as number[],
  };
}
