import { createLabelled, type FamilyFacts, renderLabels, renderNumber, type SeriesFamily } from './family.js';

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
  const labelled = createLabelled(facts, () => {
    const counts = new Array<number>(buckets.length + 1).fill(0);
    const state = { counts, sum: 0 };
    return {
      state,
      record(value: number): void {
        counts[findBucket(buckets, value)]! += 1;
        state.sum += value;
      },
    };
  });
  return {
    name: facts.name,
    labels: facts.labels,
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
          const bound = at === buckets.length ? '+Inf' : renderBound(buckets[at]!);
          return `${facts.name}_bucket${renderLabels(labels, [...values, bound])} ${renderNumber(total)}\n`;
        });
        const own = renderLabels(facts.labels, values);
        return `${lines.join('')}${facts.name}_sum${own} ${renderNumber(state.sum)}\n${facts.name}_count${own} ${renderNumber(total)}\n`;
      }),
  };
}
