/** Links from one part of the page to another. */
import { type Child, element } from "../dom.ts";
import { offsetText, type Place, placeText } from "./place.ts";

/** A link to a place. @param name of what it leads to, where its text does not say it */
export function placeLink(place: Place, text: Child, name?: string): HTMLElement {
  return element("a", { href: placeText(place), "aria-label": name, title: name }, text);
}

/** An offset, which leads to the bytes there. */
export function offsetLink(offset: number): HTMLElement {
  return placeLink({ tab: "bytes", offset }, offsetText(offset), `Bytes at ${offsetText(offset)}`);
}

/** Text of the module: it stands for itself, in whatever direction it is written. */
export function named(text: string): HTMLElement {
  return element("bdi", { title: text }, text);
}
