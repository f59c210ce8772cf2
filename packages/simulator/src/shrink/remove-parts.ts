/**
 * Removes as many parts as possible while `stillFails` says so of what is left: first large pieces, then smaller ones (delta
 * debugging, Zeller and Hildebrandt 2002). Returns what is left.
 */
export async function removeParts<T>(parts: readonly T[], stillFails: (left: readonly T[]) => Promise<boolean>): Promise<readonly T[]> {
  let left = parts;
  for (let size = Math.ceil(left.length / 2); size >= 1 && left.length > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const fewer = [...left.slice(0, at), ...left.slice(at + size)];
      if (await stillFails(fewer)) left = fewer;
      else at += size;
    }
  }
  return left;
}
