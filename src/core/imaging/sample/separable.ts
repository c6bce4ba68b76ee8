import { BORDER, type SamplePlan } from './plan.js';

/** For each index of one result axis: the two source neighbours, the weight of the upper one; low -1 when outside. */
interface AxisTable {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

/** Neighbours along one axis where source = scale × index + shift. */
function tabulate({ lengths, outLengths, matrix, mode, outside }: SamplePlan, axis: number): AxisTable {
  const count = outLengths[axis]!;
  const last = lengths[axis]! - 1;
  const [scale, shift] = [matrix[axis * 5]!, matrix[axis * 4 + 3]!];
  const table = { low: new Int32Array(count), high: new Int32Array(count), weight: new Float64Array(count) };
  for (let n = 0; n < count; n += 1) {
    const at = scale * n + shift;
    if (outside.rule === 'fill' && !(at >= -BORDER && at <= last + BORDER)) {
      table.low[n] = -1;
      continue;
    }
    const inside = Math.min(Math.max(at, 0), last);
    const low = Math.min(Math.floor(mode === 'nearest' ? inside + 0.5 : inside), last);
    table.low[n] = low;
    table.high[n] = Math.min(low + 1, last);
    table.weight[n] = mode === 'nearest' ? 0 : inside - low;
  }
  return table;
}

/** Samples when every axis is scaled and shifted for itself: rows are mixed first, then sampled along the fast axis. */
export function sampleSeparable(plan: SamplePlan): void {
  const { fast } = plan;
  const slow = 2 - fast;
  const tables = [0, 1, 2].map((axis) => tabulate(plan, axis));
  const [outer, middle, inner] = [tables[slow]!, tables[1]!, tables[fast]!];
  const row = new Float64Array(plan.lengths[fast]!);
  for (let z = 0; z < outer.low.length; z += 1) {
    if (outer.low[z]! < 0) continue;
    for (let y = 0; y < middle.low.length; y += 1) {
      if (middle.low[y]! < 0) continue;
      const at = z * plan.outSteps[slow]! + y * plan.outSteps[1]!;
      if (plan.mode === 'nearest') {
        const from = outer.low[z]! * plan.steps[slow]! + middle.low[y]! * plan.steps[1]!;
        pickRow({ plan, table: inner, from, at });
      } else {
        mixRows(plan, row, { slow, z: outer, y: middle, zAt: z, yAt: y });
        sampleRow({ out: plan.out as Float64Array, at, row, table: inner });
      }
    }
  }
}

interface RowPlace {
  readonly slow: number;
  readonly z: AxisTable;
  readonly y: AxisTable;
  readonly zAt: number;
  readonly yAt: number;
}

/** The source row at a fractional place of the two slow axes: up to four rows, weighted. */
function mixRows({ source, steps }: SamplePlan, row: Float64Array, { slow, z, y, zAt, yAt }: RowPlace): void {
  const [wz, wy] = [z.weight[zAt]!, y.weight[yAt]!];
  const rows = [
    { from: z.low[zAt]! * steps[slow]! + y.low[yAt]! * steps[1]!, weight: (1 - wz) * (1 - wy) },
    { from: z.low[zAt]! * steps[slow]! + y.high[yAt]! * steps[1]!, weight: (1 - wz) * wy },
    { from: z.high[zAt]! * steps[slow]! + y.low[yAt]! * steps[1]!, weight: wz * (1 - wy) },
    { from: z.high[zAt]! * steps[slow]! + y.high[yAt]! * steps[1]!, weight: wz * wy },
  ].filter(({ weight }) => weight !== 0);
  const [{ from: first, weight: firstWeight }] = rows as [(typeof rows)[number]];
  const length = row.length;
  if (firstWeight === 1) {
    row.set((source as Float32Array).subarray(first, first + length));
    return;
  }
  for (let n = 0; n < length; n += 1) row[n] = source[first + n]! * firstWeight;
  for (let r = 1; r < rows.length; r += 1) {
    const { from, weight } = rows[r]!;
    for (let n = 0; n < length; n += 1) row[n] = row[n]! + source[from + n]! * weight;
  }
}

interface SampleRow {
  readonly out: Float64Array;
  readonly at: number;
  readonly row: Float64Array;
  readonly table: AxisTable;
}

function sampleRow({ out, at, row, table }: SampleRow): void {
  const { low, high, weight } = table;
  for (let n = 0; n < low.length; n += 1) {
    const a = low[n]!;
    if (a < 0) continue;
    const value = row[a]!;
    const w = weight[n]!;
    out[at + n] = w === 0 ? value : value + (row[high[n]!]! - value) * w;
  }
}

interface PickRow {
  readonly plan: SamplePlan;
  readonly table: AxisTable;
  readonly from: number;
  readonly at: number;
}

function pickRow({ plan: { source, out }, table: { low }, from, at }: PickRow): void {
  for (let n = 0; n < low.length; n += 1) {
    const index = low[n]!;
    if (index >= 0) out[at + n] = source[from + index]!;
  }
}
