/** Samples as a picture: panels over each other with one axis of time, readable on a light and on a dark page. */
import type { Sample } from "./samples.ts";

/** A line of a panel. */
interface Line {
  readonly name: string;
  readonly of: (sample: Sample) => number | undefined;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Whether steps are powers of ten. */
  readonly logarithmic?: boolean;
}

const MEBIBYTE = 1024 * 1024;

const PANELS: readonly Panel[] = [
  {
    title: "Resident memory, MiB",
    lines: [
      { name: "server", of: ({ server }) => server.memory / MEBIBYTE },
      { name: "library", of: ({ library }) => library.memory / MEBIBYTE },
      { name: "library's children", of: ({ library }) => library.childMemory / MEBIBYTE },
    ],
  },
  {
    title: "Threads and descriptors",
    lines: [
      { name: "server threads", of: ({ server }) => server.threads },
      { name: "server descriptors", of: ({ server }) => server.descriptors },
      { name: "library threads", of: ({ library }) => library.threads },
      { name: "library descriptors", of: ({ library }) => library.descriptors },
    ],
  },
  {
    title: "Latency, ms (logarithmic)",
    logarithmic: true,
    lines: [
      { name: "health p50", of: ({ health }) => health.p50 },
      { name: "health p99", of: ({ health }) => health.p99 },
      { name: "honest task p50", of: ({ task }) => task.p50 },
      { name: "honest task p99", of: ({ task }) => task.p99 },
    ],
  },
  {
    title: "Pieces of work per second",
    lines: [
      { name: "honest", of: ({ honest }) => honest },
      { name: "hostile", of: ({ hostile }) => hostile },
    ],
  },
];

/** Pixels: of the picture, of what stands beside the panels, of a panel and what stands above it. */
const WIDTH = 960, LEFT = 64, RIGHT = 24, HEIGHT = 170, ABOVE = 66, BELOW = 48;

/** Points of a line at most: of more, medians are drawn. */
const MOST_POINTS = 400;

const STYLE = `
  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
  text { fill: #24292f; } .title { font-weight: 600; font-size: 14px; }
  .grid { stroke: #d0d7de; stroke-width: 1; } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
  .c0 { stroke: #0550ae; } .c1 { stroke: #bc4c00; } .c2 { stroke: #1a7f37; } .c3 { stroke: #8250df; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; } text { fill: #e6edf3; } .grid { stroke: #30363d; }
    .c0 { stroke: #79c0ff; } .c1 { stroke: #ffa657; } .c2 { stroke: #56d364; } .c3 { stroke: #d2a8ff; }
  }`;

/** Lines across a panel at round values. */
function steps(highest: number): number[] {
  const rough = Math.max(highest, 1e-9) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step);
}

function powers(lowest: number, highest: number): number[] {
  const from = Math.floor(Math.log10(lowest)), to = Math.max(from + 1, Math.ceil(Math.log10(highest)));
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A picture of all samples, as SVG. @param caption under the picture */
export function plot(samples: readonly Sample[], caption: string): string {
  const end = samples.at(-1)?.at ?? 1, x = (at: number) => LEFT + (WIDTH - LEFT - RIGHT) * at / end;
  const height = PANELS.length * (HEIGHT + ABOVE) + BELOW;
  const panels = PANELS.map((panel, index) =>
    drawPanel(panel, { samples, x, top: index * (HEIGHT + ABOVE) + ABOVE, end })
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${caption}</title>
<style>${STYLE}
</style>
${panels.join("\n")}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${
    height - 8
  }" text-anchor="middle">Minutes since the beginning</text>
</svg>
`;
}

function drawPanel(
  { title, lines, logarithmic = false }: Panel,
  { samples, x, top, end }: {
    readonly samples: readonly Sample[];
    readonly x: (at: number) => number;
    readonly top: number;
    readonly end: number;
  },
): string {
  const drawn = lines.map(({ name, of }) => ({ name, points: thinned(samples, of) }));
  const values = drawn.flatMap(({ points }) => points.map(([, value]) => value)).filter((value) =>
    value > 0 || !logarithmic
  );
  const highest = Math.max(1, ...values), lowest = Math.max(0.01, Math.min(highest, ...values));
  const marks = logarithmic ? powers(lowest, highest) : steps(highest);
  const scale = logarithmic
    ? (value: number) => Math.log10(Math.max(value, marks[0] ?? 1))
    : (value: number) => value;
  const from = scale(marks[0] ?? 0), to = scale(marks.at(-1) ?? 1);
  const y = (value: number) => top + HEIGHT - HEIGHT * (scale(value) - from) / (to - from);
  const minutes = steps(end / 60).filter((minute) => minute <= end / 60 + 1e-9);
  return [
    `<text class="title" x="${LEFT}" y="${top - 26}">${title}</text>`,
    ...drawn.map(({ name }, index) => {
      const at = LEFT + index * 190;
      return `<path class="line c${index}" d="M${at} ${top - 12}h22"/><text x="${at + 28}" y="${
        top - 8
      }">${name}</text>`;
    }),
    ...marks.map((mark) =>
      `<path class="grid" d="M${LEFT} ${y(mark).toFixed(1)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${
        (y(mark) + 4).toFixed(1)
      }" text-anchor="end">${number(mark)}</text>`
    ),
    ...minutes.map((minute) =>
      `<text x="${x(60 * minute).toFixed(1)}" y="${top + HEIGHT + 16}" text-anchor="middle">${
        number(minute)
      }</text>`
    ),
    ...drawn.map(({ points }, index) =>
      `<path class="line c${index}" d="${
        points.map(([at, value], point) =>
          `${point === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
        ).join("")
      }"/>`
    ),
  ].join("\n");
}

/** Points of a line; of many samples each is the median of some. */
function thinned(samples: readonly Sample[], of: Line["of"]): (readonly [at: number, value: number])[] {
  const together = Math.max(1, Math.ceil(samples.length / MOST_POINTS)), points: [number, number][] = [];
  for (let at = 0; at < samples.length; at += together) {
    const part = samples.slice(at, at + together),
      values = part.map(of).filter((value) => value !== undefined).sort((a, b) => a - b);
    const value = values[Math.floor(values.length / 2)], middle = part[Math.floor(part.length / 2)];
    if (value !== undefined && middle !== undefined) points.push([middle.at, value]);
  }
  return points;
}
