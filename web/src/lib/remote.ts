/** A remote control: arrows move the focus over rows of cells, whatever the page shows.
 *
 * Rows are elements with `data-row`, cells the focusable elements with `data-cell` in them.
 */

export type RemoteKey = "up" | "down" | "left" | "right" | "enter" | "back";

const KEYS: Record<string, RemoteKey> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Enter: "enter",
  " ": "enter",
  Escape: "back",
  Backspace: "back",
  GoBack: "back",
  BrowserBack: "back",
};

export const remoteKey = (event: KeyboardEvent): RemoteKey | null =>
  event.ctrlKey || event.metaKey || event.altKey ? null : (KEYS[event.key] ?? null);

const cellsOf = (row: Element) => [...row.querySelectorAll<HTMLElement>("[data-cell]:not(:disabled)")];
const middle = (node: HTMLElement) => {
  const box = node.getBoundingClientRect();
  return box.left + box.width / 2;
};

/** What held the focus last in a row gets it again. */
const last = new WeakMap<Element, HTMLElement>();

export function focusCell(cell: HTMLElement | null | undefined) {
  if (!cell) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "center", inline: "center", behavior: calm ? "auto" : "smooth" });
  const row = cell.closest("[data-row]");
  if (row) last.set(row, cell);
}

export const focusFirst = (root: Element) => focusCell(root.querySelector<HTMLElement>("[data-first]") ?? root.querySelector<HTMLElement>("[data-cell]"));

/** Moves the focus; false where there is nothing that way. */
export function moveFocus(root: Element, key: RemoteKey): boolean {
  const rows = [...root.querySelectorAll("[data-row]")].filter((row) => cellsOf(row).length);
  const held = document.activeElement as HTMLElement | null;
  const at = rows.findIndex((row) => held && row.contains(held));
  const row = rows[at];
  if (!held || !row) {
    focusFirst(root);
    return true;
  }
  const cells = cellsOf(row);
  if (key === "left" || key === "right") {
    const cell = cells[cells.indexOf(held) + (key === "left" ? -1 : 1)];
    focusCell(cell);
    return cell !== undefined;
  }
  const next = rows[at + (key === "up" ? -1 : 1)];
  if (!next) return false;
  const kept = last.get(next);
  const x = middle(held);
  const nearest = cellsOf(next).reduce<HTMLElement | null>((a, b) => (a && Math.abs(middle(a) - x) <= Math.abs(middle(b) - x) ? a : b), null);
  focusCell(kept?.isConnected && next.contains(kept) ? kept : nearest);
  return true;
}
