/** Faults of a page's layout that a script can see, as a person would who looks at it. */
import type { Page } from "../playwright.ts";

export interface LayoutFault {
  readonly kind: "wide" | "cut" | "overlap";
  /** The element, by its tag, its id or classes, and the beginning of its text. */
  readonly element: string;
  readonly detail: string;
}

/**
 * Measures what the page shows now: whether the document is wider than its window, text that is cut without an ellipsis
 * or spills over the window's edge, and things to click that lie over each other. What scrolls may be wider and longer.
 */
export function findLayoutFaults(page: Page): Promise<LayoutFault[]> {
  return page.evaluate(measure);
}

/** Runs in the page, by itself: it sees nothing of this file. */
function measure(): LayoutFault[] {
  /** Pixels that rounding may make of nothing. */
  const SLACK = 1.5;
  const INTERACTIVE =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'], " +
    "[role=button], [role=link], [role=tab], [role=switch], [role=checkbox], [role=menuitem], [role=option]";
  /** A part of the page that can be seen; edges in pixels of the window. */
  interface Box {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  }

  const faults: LayoutFault[] = [], root = document.documentElement, width = root.clientWidth;

  const describe = (element: Element): string => {
    const id = element.id === "" ? "" : `#${element.id}`;
    const classes = id === "" ? [...element.classList].map((name) => `.${name}`).join("") : "";
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    const place = element.closest("[id]"), inside = id === "" && place !== null ? ` in #${place.id}` : "";
    return `${element.localName}${id}${classes}${inside}${text === "" ? "" : ` "${text}"`}`;
  };

  const visible = (element: Element): boolean =>
    element.checkVisibility({
      opacityProperty: true,
      visibilityProperty: true,
      contentVisibilityAuto: true,
    }) &&
    element.closest("[inert]") === null;

  /** Text for screen readers alone is a box of a pixel. */
  const forReadersAlone = (element: Element): boolean => {
    for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement) {
      const { width, height } = at.getBoundingClientRect(), { overflow, clipPath } = getComputedStyle(at);
      if (width <= 1 && height <= 1 && overflow !== "visible" || clipPath === "inset(50%)") return true;
    }
    return false;
  };

  const intersect = (a: Box, b: Box): Box => ({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });

  const isRoot = (element: Element) => element === root || element === document.body;

  /** What its ancestors leave of a box. */
  const shown = (element: Element, box: Box): Box => {
    let rest = box;
    for (let at = element.parentElement; at !== null && !isRoot(at); at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at), edge = at.getBoundingClientRect();
      if (overflowX !== "visible") rest = intersect(rest, { ...rest, left: edge.left, right: edge.right });
      if (overflowY !== "visible") rest = intersect(rest, { ...rest, top: edge.top, bottom: edge.bottom });
    }
    return rest;
  };

  // The document.
  const isWide = root.scrollWidth > width, told = new Set<Element>();
  const wide = (element: Element, right: number) => {
    told.add(element);
    const detail = `it ends at ${Math.round(right)}, the window at ${width}`;
    faults.push({ kind: "wide", element: describe(element), detail });
  };
  const beyond = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return isWide && box.width > 0 && shown(element, box).right > width + SLACK;
  });
  for (const element of beyond) {
    // What it lies in follows from it.
    if (beyond.some((other) => other !== element && element.contains(other))) continue;
    wide(element, element.getBoundingClientRect().right);
  }

  // Text.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent === null || (node.textContent ?? "").trim() === "" || told.has(parent)) continue;
    if (
      ["script", "style", "template", "noscript", "option", "textarea", "title"].includes(parent.localName)
    ) continue;
    if (!visible(parent) || forReadersAlone(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length === 0) continue;
    const left = Math.min(...boxes.map((box) => box.left)),
      right = Math.max(...boxes.map((box) => box.right)),
      top = Math.min(...boxes.map((box) => box.top)),
      bottom = Math.max(...boxes.map((box) => box.bottom));
    const cut = (by: Element, detail: string) => {
      told.add(parent);
      faults.push({ kind: "cut", element: describe(parent), detail: `${detail} ${describe(by)}` });
    };
    let scrollsX = false, scrollsY = false;
    for (let at: Element | null = parent; at !== null && !told.has(parent); at = at.parentElement) {
      const style = getComputedStyle(at), box = at.getBoundingClientRect();
      const isX = !scrollsX && (isRoot(at) ? at === root : ["hidden", "clip"].includes(style.overflowX)),
        isY = !scrollsY && !isRoot(at) && ["hidden", "clip"].includes(style.overflowY);
      const edges = at === root ? { left: 0, right: width } : { left: box.left, right: box.right };
      const over = Math.max(right - edges.right, edges.left - left),
        under = Math.max(bottom - box.bottom, box.top - top);
      const isEdge = at === root && isWide && right - edges.right > SLACK;
      if (isX && isEdge) {
        // The window scrolls to it.
        if (!beyond.some((element) => element.contains(parent))) wide(parent, right);
      } else if (isX && over > SLACK) {
        if (style.textOverflow === "ellipsis") break; // which stands for the rest
        cut(at, `${Math.round(over)} pixels of its width are outside of`);
      }
      const line = Number.parseFloat(style.lineHeight) || 16,
        clamps = style.getPropertyValue("-webkit-line-clamp");
      // The box of a line may be taller than what is drawn of it.
      if (isY && under > Math.max(SLACK, line / 4) && (clamps === "" || clamps === "none")) {
        cut(at, `${Math.round(under)} pixels of its height are outside of`);
      }
      if (["auto", "scroll"].includes(style.overflowX) && !isRoot(at)) scrollsX = true;
      if (["auto", "scroll"].includes(style.overflowY) && !isRoot(at)) scrollsY = true;
      if (style.position === "fixed") break;
    }
  }

  if (isWide && !faults.some(({ kind }) => kind === "wide")) wide(root, root.scrollWidth);

  // Things to click.
  const modal = document.querySelector("dialog:modal");
  const floats = (element: Element): boolean => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      if (["fixed", "sticky"].includes(getComputedStyle(at).position)) return true;
    }
    return false;
  };
  const things = [...document.querySelectorAll(INTERACTIVE)]
    .filter((element) => visible(element) && (modal === null || modal.contains(element)))
    .map((element) => ({
      element,
      floats: floats(element),
      boxes: [...element.getClientRects()].map((box) => shown(element, box))
        .filter((box) => box.right - box.left > SLACK && box.bottom - box.top > SLACK),
    }));
  for (const [index, a] of things.entries()) {
    for (const b of things.slice(index + 1)) {
      // What stays in place while the page scrolls under it may lie over it.
      if (a.floats !== b.floats || a.element.contains(b.element) || b.element.contains(a.element)) continue;
      const common = a.boxes.flatMap((box) => b.boxes.map((other) => intersect(box, other)))
        .find((box) => box.right - box.left > SLACK && box.bottom - box.top > SLACK);
      if (common === undefined) continue;
      const across = Math.round(common.right - common.left), down = Math.round(common.bottom - common.top);
      faults.push({
        kind: "overlap",
        element: describe(a.element),
        detail: `${across}×${down} pixels are also ${describe(b.element)}`,
      });
    }
  }
  return faults;
}
