/** `aegis graph`: who calls whom in a module, or the control flow of one function. Runs nothing. */
import { AegisError } from "../core/errors.ts";
import { callGraph } from "../graph/call_graph.ts";
import { dotOf } from "../graph/dot.ts";
import { flowGraph } from "../graph/flow_graph.ts";
import { firstPart, type Graph, type GraphSize, omittedText } from "../graph/graph.ts";
import { graphText } from "../graph/graph_text.ts";
import { svgOf } from "../graph/svg.ts";
import { ItemNames } from "../inspection/item_names.ts";
import { namedFunction } from "../listing/named_function.ts";
import { readModule } from "../wasm/read_module.ts";
import type { GraphFormat } from "./flags/module_flags.ts";
import type { CommandIo } from "./io.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { printPieces } from "./print_pieces.ts";
import { STDIN } from "./read_input.ts";
import { styleFor } from "./style.ts";

/** What is shown of a graph unless all is asked for, and what a picture has at most: it has to be laid out. */
const USUAL: GraphSize = { nodes: 150, edges: 1000 },
  LARGEST_PICTURE: GraphSize = { nodes: 5000, edges: 20_000 };

const EVERYTHING: GraphSize = { nodes: Infinity, edges: Infinity };

/** Instructions that a block lists unless all are asked for. */
const MOST_LINES: Readonly<Record<GraphFormat, number>> = { text: 1000, dot: 20, svg: 12 };

const WRITERS: Readonly<Record<GraphFormat, (graph: Graph) => Generator<string, void>>> = {
  text: graphText,
  dot: dotOf,
  svg: svgOf,
};

/** Runs the command; the result is its exit status. */
export async function graph(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { function: wanted, graphFormat: format = "text", all = false, quiet = false } = parsed.flags;
  const module = readModule((await readModuleInput(parsed.operand ?? STDIN, io)).bytes);
  const named = { module, names: new ItemNames(module) };
  let whole: Graph;
  if (wanted === undefined) whole = callGraph(named);
  else {
    const index = namedFunction(named, wanted);
    if (index < module.imported.function) {
      throw new AegisError("NotFound", `Cannot show the control flow of function ${index}: it is imported`, {
        suggestion: "Its code is in another module, or in the host.",
      });
    }
    whole = flowGraph(named, { index, mostLines: all ? Infinity : MOST_LINES[format] });
  }
  const most = format === "svg"
    ? all ? LARGEST_PICTURE : USUAL
    : format === "dot" && !all
    ? USUAL
    : EVERYTHING;
  const shown = firstPart(whole, most), omitted = omittedText(shown);
  printPieces(WRITERS[format](shown), io);
  if (omitted !== undefined && !quiet) {
    const style = styleFor(io.colour);
    io.err(`${style.warn("warning:")} ${omitted}${all ? "" : "; --all shows more"}\n`);
  }
  return 0;
}
