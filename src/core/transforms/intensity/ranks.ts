const HALF = 65536;

/** The bits of the float32 behind a key, which rises as the floats do. */
const bitsOf = (key: number): number => (key & 0x80000000 ? key ^ 0x80000000 : ~key) | 0;

/** The bin in which a rank falls, and how many elements lie in the bins before. */
function findBin(counts: Uint32Array, rank: number): { bin: number; before: number } {
  let bin = 0;
  let before = 0;
  while (before + counts[bin]! <= rank) {
    before += counts[bin]!;
    bin += 1;
  }
  return { bin, before };
}

function countUpper(words: Int32Array): Uint32Array {
  const counts = new Uint32Array(HALF);
  for (let n = 0; n < words.length; n += 1) {
    const bits = words[n]!;
    counts[(bits ^ ((bits >> 31) | 0x80000000)) >>> 16]! += 1;
  }
  return counts;
}

/** How often each lower half occurs under each of these upper halves, one table after the other. */
function countLower(words: Int32Array, bins: readonly number[]): Uint32Array {
  const tables = new Uint8Array(HALF);
  bins.forEach((bin, n) => {
    tables[bin] = n + 1;
  });
  const counts = new Uint32Array((bins.length + 1) * HALF);
  for (let n = 0; n < words.length; n += 1) {
    const bits = words[n]!;
    const key = (bits ^ ((bits >> 31) | 0x80000000)) >>> 0;
    const table = tables[key >>> 16]!;
    if (table !== 0) counts[table * HALF + (key & (HALF - 1))]! += 1;
  }
  return counts;
}

/**
 * The elements that sorting would put at these places, counted from 0: two counts over the halves of the bits, exact and
 * without a copy, for at most 255 places. No element may be NaN. The two zeros are one value, +0.
 */
export function selectRanks(data: Float32Array, ranks: readonly number[]): number[] {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const upper = countUpper(words);
  const places = ranks.map((rank) => ({ ...findBin(upper, rank), rank }));
  const bins = [...new Set(places.map(({ bin }) => bin))];
  const lower = countLower(words, bins);
  const result = new Float32Array(1);
  const word = new Int32Array(result.buffer);
  return places.map(({ bin, before, rank }) => {
    const table = bins.indexOf(bin) + 1;
    const counts = lower.subarray(table * HALF, (table + 1) * HALF);
    word[0] = bitsOf((bin * HALF + findBin(counts, rank - before).bin) >>> 0);
    return result[0]! + 0;
  });
}
