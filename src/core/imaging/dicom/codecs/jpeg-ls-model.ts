/** What the arithmetic of a JPEG-LS scan depends on (ITU T.87 C.2.4.1.1). */
export interface LsParameters {
  readonly maximum: number;
  /** The error that near-lossless coding may make; 0 for lossless. */
  readonly near: number;
  readonly thresholds: readonly [number, number, number];
  readonly reset: number;
}

/** The adaptive state that the lines of a scan share: 365 contexts and two for interrupted runs. */
export interface LsModel extends LsParameters {
  readonly range: number;
  readonly errorBits: number;
  readonly limit: number;
  readonly sums: Int32Array;
  readonly biases: Int32Array;
  readonly corrections: Int32Array;
  readonly counts: Int32Array;
  readonly negatives: Int32Array;
}

export const RUN_CONTEXT = 365;

export function createLsModel(parameters: LsParameters): LsModel {
  const { maximum, near } = parameters;
  const range = Math.floor((maximum + 2 * near) / (2 * near + 1)) + 1;
  const sampleBits = Math.max(2, Math.ceil(Math.log2(maximum + 1)));
  return {
    ...parameters,
    range,
    errorBits: Math.ceil(Math.log2(range)),
    limit: 2 * (sampleBits + Math.max(8, sampleBits)),
    sums: new Int32Array(367).fill(Math.max(2, (range + 32) >> 6)),
    biases: new Int32Array(367),
    corrections: new Int32Array(367),
    counts: new Int32Array(367).fill(1),
    negatives: new Int32Array(367),
  };
}

/** The thresholds between the steps of a gradient, where the stream gives none. */
export function defaultThresholds(maximum: number, near: number): [number, number, number] {
  const within = (value: number, least: number): number => (value > maximum || value < least ? least : value);
  const steps = [3, 7, 21] as const;
  const least = [2, 3, 4] as const;
  let floor = near + 1;
  return steps.map((step, n) => {
    const slack = (3 + 2 * n) * near;
    const value =
      maximum >= 128
        ? ((Math.min(maximum, 4095) + 128) >> 8) * (step - least[n]!) + least[n]! + slack
        : Math.max(least[n]!, Math.floor(step / Math.floor(256 / (maximum + 1))) + slack);
    floor = within(value, floor);
    return floor;
  }) as [number, number, number];
}

/** The step, -4 to 4, of a difference between neighbours. */
export function gradientStep(difference: number, { near, thresholds: [low, middle, high] }: LsModel): number {
  const size = Math.abs(difference);
  if (size <= near) return 0;
  const step = size < low ? 1 : size < middle ? 2 : size < high ? 3 : 4;
  return difference < 0 ? -step : step;
}

/** How many low bits of an error are written plainly: the least k with count × 2^k ≥ sum. */
export function golombBits(count: number, sum: number): number {
  let k = 0;
  while (count << k < sum && k < 24) k += 1;
  return k;
}

/** Learns from an error: the sum of sizes, and the bias that corrects the next prediction (ITU T.87 A.6). */
export function learn(model: LsModel, context: number, error: number): void {
  const { sums, biases, corrections, counts, near, reset } = model;
  let bias = biases[context]! + error * (2 * near + 1);
  sums[context]! += Math.abs(error);
  if (counts[context] === reset) {
    sums[context]! >>= 1;
    bias >>= 1;
    counts[context]! >>= 1;
  }
  counts[context]! += 1;
  const count = counts[context]!;
  if (bias <= -count) {
    bias = Math.max(bias + count, 1 - count);
    if (corrections[context]! > -128) corrections[context]! -= 1;
  } else if (bias > 0) {
    bias = Math.min(bias - count, 0);
    if (corrections[context]! < 127) corrections[context]! += 1;
  }
  biases[context] = bias;
}

/** A prediction and its error as a sample, round the ends of the range. */
export function reconstruct({ near, range, maximum }: LsModel, guess: number, error: number): number {
  const step = 2 * near + 1;
  let value = guess + error * step;
  if (value < -near) value += range * step;
  else if (value > maximum + near) value -= range * step;
  return value < 0 ? 0 : value > maximum ? maximum : value;
}
