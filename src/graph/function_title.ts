import { quote } from "../core/quote.ts";
import type { ItemNames } from "../inspection/item_names.ts";

/** A function in a title: `function 3 "add"`. */
export function functionTitle(names: ItemNames, index: number): string {
  const name = names.of("function", index);
  return `function ${index}${name === undefined ? "" : ` ${quote(name)}`}`;
}
