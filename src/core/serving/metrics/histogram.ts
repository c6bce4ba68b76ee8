import { createLabelled, type Family, type FamilyFacts, renderLabels, renderNumber } from './family.js';

export interface Histogram {
  observe(value: number): void;
}

export interface HistogramFamily extends Family {
  at(...labelValues: readonly string[]): Histogram;
}

/** Seconds: from a no-op to the longest response timeout in use. */
export const TIME_BUCKETS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

/** The first bucket whose bound is not below the value; buckets.length for none. */
function findBucket(buckets: readonly number[], value: number): number {
  let at = 0;
  while (at < buckets.length && value > buckets[at]!) at += 1;
  return at;
}

export function createHistogramFamily(facts: FamilyFacts, buckets = TIME_BUCKETS_S): HistogramFamily {
  const labelled = createLabelled(facts, () => {
    const counts = new Array<number>(buckets.length + 1).fill(0);
    const state = { counts, sum: 0 };
    return {
      state,
      observe(value: number): void {
        counts[findBucket(buckets, value)]! += 1;
        state.sum += value;
      },
    };
  });
  return {
    name: facts.name,
    at: labelled.at,
    forget: labelled.forget,
    get isEmpty() {
      return labelled.size === 0;
    },
    render: () =>
      labelled.render('histogram', ({ state }, values) => {
        const labels = [...facts.labels, 'le'];
        let total = 0;
        const lines = state.counts.map((count, at) => {
          total += count;
          const bound = at === buckets.length ? '+Inf' : String(buckets[at]);
          return `${facts.name}_bucket${renderLabels(labels, [...values, bound])} ${renderNumber(total)}\n`;
        });
        const own = renderLabels(facts.labels, values);
        return `${lines.join('')}${facts.name}_sum${own} ${renderNumber(state.sum)}\n${facts.name}_count${own} ${renderNumber(total)}\n`;
      }),
  };
}
