/** Dice overlap of label `k` in two label maps: 2·|A∩B| / (|A| + |B|); 1 is equal, 0 disjoint. One number a label. */
export function measureDice(a: ArrayLike<number>, b: ArrayLike<number>, labels: readonly number[]): number[] {
  const both = new Float64Array(256);
  const sum = new Float64Array(256);
  for (let n = 0; n < a.length; n += 1) {
    const [x, y] = [a[n]!, b[n]!];
    sum[x] = sum[x]! + 1;
    sum[y] = sum[y]! + 1;
    if (x === y) both[x] = both[x]! + 1;
  }
  return labels.map((k) => (2 * both[k]!) / sum[k]!);
}

/**
 * Labels 1, 2, 3 for the dark, middle and bright non-zero voxels: k-means in one dimension on the intensities, nothing
 * else. No anatomy in it, so it is a yardstick and no truth.
 */
export function clusterIntensities(values: Float32Array): Float32Array {
  const inside = values.filter((value) => value > 0).sort();
  let centres = [0.1, 0.45, 0.9].map((q) => inside[Math.floor(q * (inside.length - 1))]!);
  for (let round = 0; round < 50; round += 1) {
    const [low, high] = [(centres[0]! + centres[1]!) / 2, (centres[1]! + centres[2]!) / 2];
    const sums = [0, 0, 0];
    const counts = [0, 0, 0];
    for (const value of inside) {
      const group = value < low ? 0 : value < high ? 1 : 2;
      sums[group] = sums[group]! + value;
      counts[group] = counts[group]! + 1;
    }
    centres = sums.map((sum, group) => sum / Math.max(1, counts[group]!));
  }
  const [low, high] = [(centres[0]! + centres[1]!) / 2, (centres[1]! + centres[2]!) / 2];
  return values.map((value) => (value === 0 ? 0 : value < low ? 1 : value < high ? 2 : 3));
}
