/** What comparisons amounted to. */
export class Tally {
  programs = 0;
  /** Programs that ran in the interpreter, too. */
  interpreted = 0;
  calls = 0;
  comparisons = 0;
  returned = 0;
  threw = 0;
  trapped = 0;
  /** Runs that were given less fuel than they want. */
  stopped = 0;
  /** Programs that ended in what is not defined, such as V8's own stack overflow. */
  undefined = 0;
  /** Programs that were not compared, since they did not end in time. */
  endless = 0;
  /** Stacks whose counter was compared with the functions on it. */
  stacks = 0;
  /** Programs that we do not run. */
  refused = 0;
  units = 0n;
  refuels = 0;

  toString(): string {
    return `${this.programs} programs, ${this.interpreted} of them interpreted, ${this.calls} calls (${this.returned} returned, ${this.threw} threw, ` +
      `${this.trapped} trapped), ${this.stopped} stopped for fuel, ${this.undefined} undefined, ${this.endless} endless, ${this.refused} refused, ${this.units} units, ` +
      `${this.stacks} stacks, ${this.refuels} refuels: ${this.comparisons} comparisons`;
  }
}
