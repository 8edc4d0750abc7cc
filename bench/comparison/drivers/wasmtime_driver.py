"""Wasmtime from Python: what drive.mjs does, with an epoch that ends calls, and limits and fuel of its stores."""

import json
import sys
import threading
import time

import wasmtime

ASK = json.loads(sys.argv[1])


def show(**line):
    print(json.dumps(line), flush=True)


def make_engine():
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.consume_fuel = "fuel" in ASK
    config.wasm_exceptions = True
    return wasmtime.Engine(config)


ENGINE = make_engine()


def make_store():
    store = wasmtime.Store(ENGINE)
    store.set_limits(memory_size=ASK["pages"] * 65536)
    store.set_epoch_deadline(1)
    if "fuel" in ASK:
        store.set_fuel(ASK["fuel"])
    if "folder" in ASK:
        wasi = wasmtime.WasiConfig()
        wasi.preopen_dir(ASK["folder"], "/data", False)
        store.set_wasi(wasi)
    return store


def call(path, say):
    """Runs a guest; how it ended, and its store."""
    store, timer = make_store(), threading.Timer(ASK["time"] / 1000, ENGINE.increment_epoch)
    began = time.perf_counter()
    how, text = "returned", ""
    timer.start()
    try:
        linker = wasmtime.Linker(ENGINE)
        linker.define_wasi()
        linker.define_func("host", "said", wasmtime.FuncType([wasmtime.ValType.i32()], []), say)
        instance = linker.instantiate(store, wasmtime.Module.from_file(ENGINE, path))
        instance.exports(store)["run"](store)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        how, text = "stopped", str(error).strip().splitlines()[-1].strip()
    finally:
        timer.cancel()
    return {"how": how, "text": text, "after": (time.perf_counter() - began) * 1000}, store


def idle():
    before = time.process_time()
    time.sleep(1)
    return (time.process_time() - before) * 1000


def main():
    for _ in range(ASK["times"]):
        began = time.perf_counter()
        ended, _ = call(ASK["guest"], lambda value: None)
        if ended["how"] != "returned":
            raise RuntimeError(ended["text"])
        show(time=(time.perf_counter() - began) * 1000)
    if ASK["times"] > 0:
        return
    ended, store = call(ASK["guest"], lambda value: show(said=value))
    show(ended=ended)
    if "fuel" in ASK:
        show(used=ASK["fuel"] - store.get_fuel())
    if "then" in ASK:
        show(idle=idle())
        after, _ = call(ASK["then"], lambda value: show(later=value))
        if after["how"] != "returned":
            show(refused=after["text"])


main()
