import type { ChainReport } from '../transforms/check-chain.js';
import { checkChain } from '../transforms/check-chain.js';
import { type FieldFacts, UNKNOWN_FIELD } from '../transforms/field-ledger.js';
import { graphFacts } from './graph-facts.js';
import type { PackageParts } from './package-parts.js';

/** The names of what the model is fed with and of what it gives, in its order. */
export interface ModelFields {
  readonly feeds: readonly string[];
  readonly results: readonly string[];
}

export interface FollowedPackage {
  readonly before: ChainReport;
  /** The fields with which post-processing begins: what the model gives, under what pre-processing left. */
  readonly between: ReadonlyMap<string, FieldFacts>;
  readonly after: ChainReport;
}

/** An output takes its geometry over from an input; when no input has one any more, the output says which step lost it. */
function outputGeometry(feeds: readonly FieldFacts[]): Pick<FieldFacts, 'geometry' | 'lostBy'> {
  // A request brings no geometry; whether the outputs need one shows where it is asked for.
  if (feeds.length === 0 || feeds.some(({ geometry, isRequest }) => geometry !== 'none' || isRequest === true))
    return { geometry: 'maybe' };
  const lostBy = feeds.find((facts) => facts.lostBy !== undefined)?.lostBy;
  return { geometry: 'none', ...(lostBy === undefined ? {} : { lostBy }) };
}

/** Follows the fields of a request, `start`, through pre-processing, the model and post-processing, without any data. */
export function followPackage(
  { graph, pre, post }: Omit<PackageParts, 'metadata'>,
  { feeds, results }: ModelFields,
  start: ReadonlyMap<string, FieldFacts>,
): FollowedPackage {
  const before = checkChain(pre, start);
  const inherited = outputGeometry(feeds.map((name) => before.fields.get(name) ?? UNKNOWN_FIELD));
  const between = new Map<string, FieldFacts>();
  for (const [n, name] of results.entries())
    between.set(name, { kind: 'array', ...inherited, ...graphFacts(graph.outputs[n]) });
  for (const [name, facts] of before.fields) between.set(name, facts);
  return { before, between, after: checkChain(post, between) };
}
