/** The bytes of the module of a plan. Every process that runs guests reads them here, where what they must be is checked. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { GuestPlan } from "./guest_plan.ts";
import { readInput, STDIN } from "./read_input.ts";

/**
 * Reads the module of a plan.
 *
 * @param most bytes that it may have @param given its bytes, where they need not be read
 * @throws {AegisError} `InvalidOption`, `ModuleRefused` for another module than the plan was made for
 */
export async function readGuestModule(
  { module: { path, shown, sha256 }, limits }: Pick<GuestPlan, "module" | "limits">,
  { most = limits.moduleSize, given }: {
    readonly most?: number;
    readonly given?: Uint8Array<ArrayBuffer> | undefined;
  } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = given ?? await readInput(path ?? STDIN, most, shown);
  if (sha256 !== null) await checkHash(bytes, sha256, shown);
  return bytes;
}

/** @throws {AegisError} `ModuleRefused` for other bytes than those that are meant */
async function checkHash(
  bytes: Uint8Array<ArrayBuffer>,
  wanted: string,
  shown: string,
): Promise<void> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (hash === wanted) return;
  throw new AegisError(
    "ModuleRefused",
    `Cannot run the module of ${quote(shown)}: its SHA-256 is ${hash}, and it was made for ${wanted}`,
    { suggestion: "Somebody has replaced it. If that was you, settle anew what is to run." },
  );
}
