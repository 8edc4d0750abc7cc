/** The texts of a module for programs. */
import type { Json } from "../core/json.ts";
import type { Module } from "../wasm/module.ts";
import { jsonLines, jsonList } from "./json_pieces.ts";
import { type PlacedText, placedTexts } from "./strings_view.ts";

function* itemsOf(module: Module, least: number): Generator<Json, void> {
  for (const placed of placedTexts(module, least)) yield textJson(placed);
}

function textJson({ found, place, text, cut }: PlacedText): Json {
  const { start, end, encoding, characters } = found;
  return { offset: start, size: end - start, encoding, characters, ...place, text, cut };
}

/** One document. @param least characters of a text */
export function stringsDocument(module: Module, least: number): Generator<string, void> {
  return jsonList("texts", itemsOf(module, least));
}

/** A line for each text. @param least characters of a text */
export function stringsLines(module: Module, least: number): Generator<string, void> {
  return jsonLines(itemsOf(module, least));
}
