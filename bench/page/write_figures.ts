import type { Figure } from "./figure.ts";

/** The variable that names the file for the figures: `deno task bench` sets it for each benchmark. */
export const FIGURES_FILE = "AEGIS_FIGURES";

/** Hands figures to who has started this benchmark; nobody is there when it was started by hand. */
export async function writeFigures(figures: readonly Figure[]): Promise<void> {
  const file = Deno.env.get(FIGURES_FILE);
  if (file !== undefined) await Deno.writeTextFile(file, JSON.stringify(figures));
}
