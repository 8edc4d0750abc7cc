// @ts-nocheck AssemblyScript: `asc` compiles this file, its types are not those of TypeScript.

/** The Sun and the four outer planets as objects, a symplectic step of 0.01 days; `n` times 1,000 steps. */

const SOLAR_MASS: f64 = 4 * Math.PI * Math.PI;
const DAYS: f64 = 365.24;

class Body {
  vx: f64;
  vy: f64;
  vz: f64;
  mass: f64;
  constructor(public x: f64, public y: f64, public z: f64, vx: f64, vy: f64, vz: f64, mass: f64) {
    this.vx = vx * DAYS;
    this.vy = vy * DAYS;
    this.vz = vz * DAYS;
    this.mass = mass * SOLAR_MASS;
  }
}

/** Astronomical units, and units a day: the values that this problem is always set with. */
function start(): StaticArray<Body> {
  const bodies: StaticArray<Body> = [
    new Body(0, 0, 0, 0, 0, 0, 1),
    new Body(
      4.84143144246472090e+00,
      -1.16032004402742839e+00,
      -1.03622044471123109e-01,
      1.66007664274403694e-03,
      7.69901118419740425e-03,
      -6.90460016972063023e-05,
      9.54791938424326609e-04,
    ),
    new Body(
      8.34336671824457987e+00,
      4.12479856412430479e+00,
      -4.03523417114321381e-01,
      -2.76742510726411610e-03,
      4.99852801234917238e-03,
      2.30417297573763929e-05,
      2.85885980666130812e-04,
    ),
    new Body(
      1.28943695621391310e+01,
      -1.51111514016986312e+01,
      -2.23307578892655734e-01,
      2.96460137564761618e-03,
      2.37847173959480950e-03,
      -2.96589568540237556e-05,
      4.36624404335156298e-05,
    ),
    new Body(
      1.53796971148509165e+01,
      -2.59193146099879641e+01,
      1.79258772950371181e-01,
      2.68067772490389322e-03,
      1.62824170038242295e-03,
      -9.51592254519715870e-05,
      5.15138902046611451e-05,
    ),
  ];
  let px: f64 = 0, py: f64 = 0, pz: f64 = 0;
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i];
    px += body.vx * body.mass;
    py += body.vy * body.mass;
    pz += body.vz * body.mass;
  }
  bodies[0].vx = -px / SOLAR_MASS;
  bodies[0].vy = -py / SOLAR_MASS;
  bodies[0].vz = -pz / SOLAR_MASS;
  return bodies;
}

function advance(bodies: StaticArray<Body>, dt: f64): void {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
      const squared = dx * dx + dy * dy + dz * dz;
      const pull = dt / (squared * Math.sqrt(squared));
      a.vx -= dx * b.mass * pull;
      a.vy -= dy * b.mass * pull;
      a.vz -= dz * b.mass * pull;
      b.vx += dx * a.mass * pull;
      b.vy += dy * a.mass * pull;
      b.vz += dz * a.mass * pull;
    }
  }
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i];
    body.x += dt * body.vx;
    body.y += dt * body.vy;
    body.z += dt * body.vz;
  }
}

function energy(bodies: StaticArray<Body>): f64 {
  let e: f64 = 0;
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
      e -= a.mass * b.mass / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}

/** Billionths, rounded. */
function whole(e: f64): i32 {
  return <i32> (e * 1e9 + (e < 0 ? -0.5 : 0.5));
}

export function run(n: i32): i32 {
  const bodies = start();
  for (let i = 0; i < n * 1000; i++) advance(bodies, 0.01);
  return whole(energy(bodies));
}

/** The energy of the start, which is published to nine decimals: -0.169075164. */
export function known(): i32 {
  return whole(energy(start()));
}
