/** The header of a reply that counts, for each output of the model, the numbers that are NaN or infinite: an empty
 * segmentation may be a failed one. */
export const NON_FINITE_HEADER = 'x-eisen-nonfinite';

/** `name=count` for every output with a count, separated by commas; empty when all is well. */
export function renderNonFinite(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${encodeURIComponent(name)}=${count}`)
    .join(',');
}

/** The counts that such a header tells; what is no count in it is passed over, for any server may send anything. */
export function readNonFinite(text: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, name, count] of (text ?? '').matchAll(/(?:^|,)\s*([^=,\s]+)=(\d{1,15})(?=,|$)/g)) {
    counts.set(decodeName(name!), Number(count));
  }
  return counts;
}

function decodeName(name: string): string {
  try {
    // It goes to a terminal: nothing in it may steer one.
    return decodeURIComponent(name).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  } catch {
    return name;
  }
}
