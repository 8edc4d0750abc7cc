"""The checks in Wasmtime, from Python: python3 wasmtime_checks.py CHECK MODULE FOLDER [ARGUMENT...]."""

import json
import sys
import threading
import time

import wasmtime

TIME, PAGES, ENTRIES, FUEL = 0.5, 64, 10_000, 1_000_000


def restlessness():
    before = time.process_time()
    time.sleep(1)
    return (time.process_time() - before) * 1000


def start(check, path, folder, args):
    """A store with all that Wasmtime bounds, and the instance."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.consume_fuel = check == "fuel"
    try:
        config.wasm_exceptions = True
    except AttributeError:
        pass
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_limits(memory_size=PAGES * 65536, table_elements=ENTRIES)
    store.set_epoch_deadline(1)
    if check == "fuel":
        store.set_fuel(FUEL)
    linker = wasmtime.Linker(engine)
    if check in ("link", "readonly"):
        linker.define_wasi()
        wasi = wasmtime.WasiConfig()
        wasi.argv = ["program", *args]
        wasi.preopen_dir(folder, "/data", wasmtime.DirPerms.READ_ONLY, wasmtime.FilePerms.READ_ONLY)
        store.set_wasi(wasi)
    module = wasmtime.Module.from_file(engine, path)
    return engine, store, linker.instantiate(store, module)


def attempt(engine, store, instance):
    """How a run of the guest ended."""
    exports = instance.exports(store)
    timer = threading.Timer(TIME, engine.increment_epoch)
    timer.start()
    try:
        entry = exports.get("run") or exports["_start"]
        return f"returned {entry(store) or 0}"
    except wasmtime.ExitTrap as trap:
        return f"returned {trap.code}"
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        return str(error).strip().splitlines()[-1].strip()
    finally:
        timer.cancel()


def answer():
    check, path, folder, *args = sys.argv[1:]
    engine, store, instance = start(check, path, folder, args)
    said = attempt(engine, store, instance)
    if check == "fuel":
        first = FUEL - store.get_fuel()
        other = start(check, path, folder, args)
        again, second = attempt(*other), FUEL - other[1].get_fuel()
        same = "fuel" in said and said == again and first == second
        return {"answer": "yes" if same else "no", "detail": f"{first} and {second} units"}
    if check in ("loop", "caught"):
        busy = restlessness()
        ended = "interrupt" in said
        detail = f"{said}, then {busy:.0f} ms of processor time in a second"
        return {"answer": "yes" if ended and busy < 200 else "no", "detail": detail}
    right = said != "returned 0" if check in ("link", "readonly") else said == "returned 0"
    return {"answer": "yes" if right else "no", "detail": said}


print(json.dumps(answer()))
