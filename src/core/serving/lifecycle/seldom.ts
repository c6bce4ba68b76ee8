/** True at the first call and then at most once in `intervalMs`: for what must be told, but not a thousand times. */
export function createSeldom(intervalMs: number, now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const time = now();
    if (time - last < intervalMs) return false;
    last = time;
    return true;
  };
}
