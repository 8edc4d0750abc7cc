/**
 * Runs a filter that somebody else wrote over a picture: bytes go in, bytes come out, and a picture that is made to break
 * the filter breaks the filter alone.
 *
 *     deno run -A examples/image-filter/main.ts [FILTER [FROM.pgm TO.pgm]]
 */
import { Aegis } from "../../mod.ts";

const [filter = "edges", from = new URL("moon.pgm", import.meta.url), to] = Deno.args;

/** A picture in grey: a byte for each point, row by row. */
interface Picture {
  readonly width: number;
  readonly points: Uint8Array;
}

/** Reads the plain form of PGM: `P2`, width, height, the largest value, and a number for each point. */
function readPgm(text: string): Picture {
  const [kind, width, , largest, ...points] = text.replace(/#.*/g, "").trim().split(/\s+/);
  if (kind !== "P2" || largest !== "255") {
    throw new Error("Give a picture in plain PGM (P2) with values up to 255");
  }
  return { width: Number(width), points: Uint8Array.from(points, Number) };
}

function writePgm({ width, points }: Picture): string {
  return `P2 ${width} ${points.length / width} 255\n${points.join("\n")}\n`;
}

/** A character for each point, dark to light. */
function draw({ width, points }: Picture): string {
  const characters = Array.from(points, (point) => " .:-=+*#%@"[Math.floor(point / 25.6)]).join("");
  return characters.replace(new RegExp(`.{${width}}`, "g"), (row) => `${row.trimEnd()}\n`);
}

const picture = readPgm(await Deno.readTextFile(from));

await using runtime = await Aegis.create({ memoryLimit: "16MiB", timeout: "2s" });
await using sandbox = await runtime.sandbox().build();
await sandbox.loadModule(await runtime.loadFile(new URL("filter.wasm", import.meta.url)));
const points = await sandbox.call<Uint8Array>(filter, [picture.points, picture.width]);

const filtered: Picture = { width: picture.width, points };
if (to === undefined) console.log(draw(picture) + draw(filtered));
else await Deno.writeTextFile(to, writePgm(filtered));
console.log(`${filter}: ${points.length} points, ${sandbox.metrics().fuelConsumed} units of fuel`);

const broken = await sandbox.tryCall(filter, [picture.points, 7]); // rows of 7 do not fit
console.log(broken.kind === "trap" ? `a broken picture: ${broken.message}` : broken.kind);
