"""Runs kernels in Wasmtime, with and without fuel, and prints the times as JSON: see peers.ts.

Reads a list of {"name", "path", "n"} from the standard input. Milliseconds are medians of runs after a first one.
"""

import json
import statistics
import sys
import time

import wasmtime

RUNS = 7


def measure(path, n, fuel):
    config = wasmtime.Config()
    config.consume_fuel = fuel
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    if fuel:
        store.set_fuel(2**62)
    instance = wasmtime.Instance(store, wasmtime.Module.from_file(engine, path), [])
    run = instance.exports(store)["run"]
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        run(store, n)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times[1:])


def main():
    rows = {}
    for kernel in json.load(sys.stdin):
        plain, fuel = (measure(kernel["path"], kernel["n"], fuel) for fuel in (False, True))
        rows[kernel["name"]] = {"plain": plain, "fuel": fuel}
    json.dump(rows, sys.stdout)


main()
