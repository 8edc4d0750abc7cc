/**
 * A game whose robots are played by mods of strangers. A mod sees and does what four functions of the game let it, has fuel for
 * so many instructions a turn, and cannot hold up the others: what thinks for too long is out.
 *
 *     deno run -A examples/game-mod/main.ts
 */
import { Aegis, hostFunction, type Sandbox } from "../../mod.ts";

const TURNS = 40, FUEL_OF_A_TURN = 10_000;

/** North, east, south, west. */
const STEPS = [[0, -1], [1, 0], [0, 1], [-1, 0]] as const;

const map = [
  "###############",
  "#W...o#...o..H#",
  "#.###.#.###.#.#",
  "#.#o....#o#...#",
  "#...###...#.#o#",
  "#T#.....o.....#",
  "###############",
].map((row) => [...row]);

interface Robot {
  readonly name: string;
  readonly sandbox: Sandbox;
  x: number;
  y: number;
  coins: number;
  /** Whether it has walked in this turn. */
  walked: boolean;
}

const cell = (x: number, y: number) => map[y]?.[x] ?? "#";
const put = (x: number, y: number, letter: string) => map[y]?.splice(x, 1, letter);

/** Puts a robot where its letter stands, and offers its mod what it can do: it is all that the mod can do. */
async function join(runtime: Aegis, name: string): Promise<Robot> {
  const letter = name.slice(0, 1).toUpperCase(), y = map.findIndex((row) => row.includes(letter));
  const sandbox = await runtime.sandbox().build(), x = map[y]?.indexOf(letter) ?? 0;
  const robot: Robot = { name, sandbox, x, y, coins: 0, walked: false };
  const beside = (direction: number) => {
    const [dx, dy] = STEPS[direction & 3] ?? STEPS[0]; // a mod may say anything
    return { x: robot.x + dx, y: robot.y + dy };
  };
  sandbox.registerFuncs("game", {
    look: hostFunction({ params: ["i32"], results: ["i32"] }, (direction) => {
      const there = beside(direction);
      return ".o".indexOf(cell(there.x, there.y)) + 1; // 0 a wall or a robot, 1 free, 2 a coin
    }),
    walk: hostFunction({ params: ["i32"], results: ["i32"] }, (direction) => {
      const { x, y } = beside(direction), there = cell(x, y);
      if (robot.walked || !".o".includes(there)) return 0;
      put(robot.x, robot.y, ".");
      put(x, y, letter);
      Object.assign(robot, { x, y, walked: true, coins: robot.coins + (there === "o" ? 1 : 0) });
      return 1;
    }),
    coins: hostFunction({ params: [], results: ["i32"] }, () => robot.coins),
    say: hostFunction({ params: ["string"], results: [] }, (text) => {
      console.log(`${name}: ${JSON.stringify(text.slice(0, 40))}`); // quoted: it is a stranger's
    }),
  });
  await sandbox.loadModule(await runtime.loadFile(new URL(`mods/${name}.wat`, import.meta.url)));
  return robot;
}

await using runtime = await Aegis.create({
  memoryLimit: "1MiB",
  fuelLimit: "unlimited",
  hostCallLimit: 2000,
});
const robots = await Promise.all(["walker", "hasty", "thinker"].map((name) => join(runtime, name)));
const playing = new Set(robots);
for (let turn = 1; turn <= TURNS; turn++) {
  for (const robot of playing) {
    robot.walked = false;
    const outcome = await robot.sandbox.tryCall("turn", [], { fuel: FUEL_OF_A_TURN, timeout: "5s" });
    if (outcome.kind === "value") continue;
    playing.delete(robot);
    console.log(
      `${robot.name} is out in turn ${turn}: ${outcome.kind === "limit" ? outcome.limit : outcome.kind}`,
    );
  }
}
console.log(map.map((row) => row.join("")).join("\n"));
for (const { name, coins } of robots) console.log(`${name}: ${coins}`);
