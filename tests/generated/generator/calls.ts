/** Calls: direct, through tables and references, of hosts, and in tail position. */
import { indexed, integer } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import type { Signature, ValueType } from "./value_type.ts";
import { leb } from "../../wasm/module_builder.ts";

const CALL = 0x10, CALL_INDIRECT = 0x11, RETURN_CALL = 0x12, RETURN_CALL_INDIRECT = 0x13, CALL_REF = 0x14;
const RETURN_CALL_REF = 0x15, LOCAL_GET = 0x20, I32_SUB = 0x6b;

/** A call that is ready but for its arguments. */
interface Call {
  readonly signature: Signature;
  /** Whether the first argument is the depth. */
  readonly deep: boolean;
  /** Writes what comes behind the arguments. */
  readonly write: (tail: boolean) => void;
}

function argumentsOf(to: CodeWriter, call: Call): void {
  const { params } = call.signature;
  if (!call.deep) return to.values(params);
  to.emit(...indexed(LOCAL_GET, 0), ...integer(1), I32_SUB);
  to.values(params.slice(1));
}

function direct(to: CodeWriter, index: number): Call {
  const { hosts, functions } = to.blueprint;
  return {
    signature: to.blueprint.signature(index),
    deep: index < hosts.length || functions[index - hosts.length]?.leaf !== true,
    write: (tail) => to.emit(...indexed(tail ? RETURN_CALL : CALL, index)),
  };
}

function throughTable(to: CodeWriter): Call | undefined {
  const tables = to.blueprint.tables.flatMap((table, index) => table.functions.length > 0 ? [index] : []);
  if (tables.length === 0) return undefined;
  const number = to.random.pick(tables), table = to.blueprint.tables[number];
  if (table === undefined) return undefined;
  const position = to.random.below(table.functions.length);
  const signature = to.blueprint.signature(table.functions[position] ?? 0),
    type = to.blueprint.type(signature);
  return {
    signature,
    deep: true,
    write: (tail) => {
      // Now and then anything, which may be null or of another type.
      if (to.often(30)) {
        to.value("i32");
        to.emit(...integer(7), 0x71, ...(table.wide ? [0xad] : []));
      } else to.emit(...integer(position, table.wide));
      to.emit(tail ? RETURN_CALL_INDIRECT : CALL_INDIRECT, ...leb(type), ...leb(number));
    },
  };
}

function throughReference(to: CodeWriter): Call {
  const signature = to.blueprint.signature(to.random.pick(to.blueprint.referable()));
  const type = to.blueprint.type(signature);
  return {
    signature,
    deep: true,
    write: (tail) => {
      to.value(to.often(20) ? `ref null ${type}` : `ref ${type}`);
      to.emit(...indexed(tail ? RETURN_CALL_REF : CALL_REF, type));
    },
  };
}

/** Some call that gives what is wanted. */
function someCall(to: CodeWriter, wanted: (results: readonly ValueType[]) => boolean): Call | undefined {
  const candidates: (Call | undefined)[] = to.calleeShapes.map((_, index) => direct(to, index));
  for (let more = 0; more < 3; more++) candidates.push(throughTable(to), throughReference(to));
  const fitting = candidates.filter((call) => call !== undefined && wanted(call.signature.results));
  return fitting.length === 0 ? undefined : to.random.pick(fitting);
}

function call(to: CodeWriter, wanted: (results: readonly ValueType[]) => boolean): readonly ValueType[] {
  const chosen = someCall(to, wanted);
  if (chosen === undefined) return [];
  argumentsOf(to, chosen);
  chosen.write(false);
  return chosen.signature.results;
}

const startsWith = (type: ValueType) => (results: readonly ValueType[]): boolean => results[0] === type;
const mayCall = (to: CodeWriter): boolean => !to.shape.leaf;

export const CALL_FORMS: Forms = {
  values: [{
    weight: 6,
    applies: (type, to) => mayCall(to) && to.calleeShapes.some(({ results }) => results[0] === type),
    write: (to, type) => to.consume(call(to, startsWith(type)).slice(1)),
  }],
  statements: [{
    weight: 10,
    applies: mayCall,
    write: (to) => to.consume(call(to, () => true)),
  }],
  ends: [{
    weight: 3,
    applies: (to) => mayCall(to) && to.calleeShapes.some((shape) => sameResults(to, shape.results)),
    write: (to) => {
      const chosen = someCall(to, (results) => sameResults(to, results));
      if (chosen === undefined) return;
      argumentsOf(to, chosen);
      chosen.write(true);
    },
  }],
};

function sameResults(to: CodeWriter, results: readonly ValueType[]): boolean {
  return results.join() === to.shape.results.join();
}
