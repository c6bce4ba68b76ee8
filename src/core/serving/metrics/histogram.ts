import { createSeriesFamily, type FamilyFacts, renderLabels, renderNumber, type SeriesFamily } from './family.js';

/** Seconds: from a no-op to the longest response timeout in use. */
const TIME_BUCKETS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
];

/** The first bucket whose bound is not below the value; buckets.length for none. */
function findBucket(buckets: readonly number[], value: number): number {
  let at = 0;
  while (at < buckets.length && value > buckets[at]!) at += 1;
  return at;
}

/** The bounds that the peer's metrics library takes when it is given none. */
const PEER_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** A histogram as the peer's library writes it: bounds with a decimal point too. */
export function createPeerHistogramFamily(facts: FamilyFacts): SeriesFamily {
  return createHistogramFamily(facts, PEER_BUCKETS, renderNumber);
}

export function createHistogramFamily(
  facts: FamilyFacts,
  buckets = TIME_BUCKETS_S,
  renderBound: (bound: number) => string = String,
): SeriesFamily {
  return createSeriesFamily('histogram', facts, () => {
    const counts = new Array<number>(buckets.length + 1).fill(0);
    let sum = 0;
    return {
      record(value) {
        counts[findBucket(buckets, value)]! += 1;
        sum += value;
      },
      render(values) {
        const labels = [...facts.labels, 'le'];
        let total = 0;
        const lines = counts.map((count, at) => {
          total += count;
          const bound = at === buckets.length ? '+Inf' : renderBound(buckets[at]!);
          return `${facts.name}_bucket${renderLabels(labels, [...values, bound])} ${renderNumber(total)}\n`;
        });
        const own = renderLabels(facts.labels, values);
        return `${lines.join('')}${facts.name}_sum${own} ${renderNumber(sum)}\n${facts.name}_count${own} ${renderNumber(total)}\n`;
      },
    };
  });
}
