import { cutText } from "../core/cut.ts";

/** A text that no log may have, and what stands in its place. */
export interface HiddenText {
  readonly value: string;
  /** As `secret:NAME`; it is shown in double braces. */
  readonly label: string;
}

/** The forms in which a text travels: as it is, in a URL, in base64. */
function formsOf(value: string): string[] {
  const forms = [value, encodeURIComponent(value)];
  const bytes = new TextEncoder().encode(value);
  forms.push(btoa(String.fromCharCode(...bytes.subarray(0, 8192))));
  return [...new Set(forms)];
}

/** What ends a text that was cut. */
const ELLIPSIS = "…";

/** Takes secrets out of texts, before these are cut: no half of one is left over. */
export class Redactor {
  /** How often each was given, by its value. */
  readonly #given: Map<string, { readonly label: string; uses: number }> = new Map();
  #forms: readonly Form[] = [];

  add(texts: readonly HiddenText[]): void {
    for (const { value, label } of texts) {
      if (value === "") continue;
      const known = this.#given.get(value);
      if (known === undefined) this.#given.set(value, { label, uses: 1 });
      else known.uses++;
    }
    this.#list();
  }

  /** Those are not looked for any more, unless somebody else has given them, too. */
  remove(texts: readonly HiddenText[]): void {
    for (const { value } of texts) {
      const known = this.#given.get(value);
      if (known !== undefined && --known.uses === 0) this.#given.delete(value);
    }
    this.#list();
  }

  #list(): void {
    this.#forms = [...this.#given].flatMap(([value, { label }]) =>
      formsOf(value).map((form) => ({ form, label: `{{${label}}}` }))
    );
  }

  /** The text without them, cut at a length. */
  clean(text: string, longest: number): string {
    if (this.#forms.length === 0) return cutText(text, longest);
    const clean: string[] = [];
    let at = 0;
    for (const { start, end, label } of merged(this.#forms.flatMap((hidden) => placesOf(hidden, text)))) {
      clean.push(text.slice(at, start), label);
      at = end;
    }
    return cutText(clean.join("") + text.slice(at), longest);
  }
}

interface Form {
  readonly form: string;
  readonly label: string;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** Where a form stands, and where a part of it does since whoever told of it has cut the text there. */
function placesOf({ form, label }: Form, text: string): Place[] {
  const places: Place[] = [];
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) {
    places.push({ start, end: start + form.length, label });
  }
  if (!text.endsWith(ELLIPSIS)) return places;
  const end = text.length - ELLIPSIS.length;
  let length = Math.min(form.length - 1, end);
  while (length > 0 && !text.startsWith(form.slice(0, length), end - length)) length--;
  return length > 0 ? [...places, { start: end - length, end, label }] : places;
}

/** Places that overlap are one, under the name of the longest: what is left over of another would tell a part of it. */
function merged(places: readonly Place[]): Place[] {
  const all: (Place & { readonly longest: number })[] = [];
  for (const place of places.toSorted((one, other) => one.start - other.start)) {
    const length = place.end - place.start, last = all.at(-1);
    if (last === undefined || place.start >= last.end) all.push({ ...place, longest: length });
    else {
      const { start, end, label, longest } = last, isLonger = length > longest;
      all[all.length - 1] = {
        start,
        end: Math.max(end, place.end),
        label: isLonger ? place.label : label,
        longest: Math.max(length, longest),
      };
    }
  }
  return all;
}
