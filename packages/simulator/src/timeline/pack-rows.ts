interface Extent {
  readonly from: number;
  readonly to: number;
}

/**
 * Puts what overlaps into rows of its own: each into the first that is free, in the order of their beginnings. What finds none
 * of `rowsMax` shares the last.
 */
export function packRows<T extends Extent>(extents: readonly T[], rowsMax: number): readonly (T & { readonly row: number })[] {
  const freeFrom: number[] = [];
  return extents.map((extent) => {
    const found = freeFrom.findIndex((from) => from <= extent.from);
    const row = found === -1 ? Math.min(freeFrom.length, rowsMax - 1) : found;
    freeFrom[row] = Math.max(freeFrom[row] ?? 0, extent.to);
    return { ...extent, row };
  });
}
