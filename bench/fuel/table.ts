/** A column: its heading, and how wide it is; the first is flush left, the others right. */
export interface Column {
  readonly heading: string;
  readonly width: number;
}

/** Widths are fixed beforehand, so that a row can be printed as soon as it is measured. */
export class Table {
  constructor(readonly columns: readonly Column[]) {}

  get heading(): string {
    return this.row(this.columns.map((column) => column.heading));
  }

  row(cells: readonly string[]): string {
    return this.columns.map(({ width }, index) => {
      const cell = cells[index] ?? "";
      return index === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd();
  }
}
