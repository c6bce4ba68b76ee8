import type { Fields, Plain } from '../tensor/value.js';
import type { StepMemory } from './chain-memory.js';
import type { FieldLedger } from './field-ledger.js';
import type { Params, ValuesOf } from './param.js';

/** What a chain may use beyond its fields. Everything is optional: a served chain sees no disk at all. */
export interface ChainContext {
  /** Folder that file names in fields are relative to and must stay in. Local runs only, never in a server. */
  readonly dataDir?: string;
  /** Folder that WriteNiftiToFile writes into and must stay in. Local runs only. */
  readonly outputDir?: string;
  readonly signal?: AbortSignal;
  /** A line for people: what GetShape prints, and warnings. */
  readonly say?: (line: string) => void;
}

/** The same as a running step sees it. */
export interface StepContext extends ChainContext {
  readonly memory: StepMemory;
}

/** How the documentation groups the transforms. */
export type TransformGroup =
  | 'fields'
  | 'reading and writing'
  | 'geometry'
  | 'intensity'
  | 'shape'
  | 'prediction'
  | 'labels';

/** One transform: its name, its parameter table, what it does to fields and geometry, and the work itself. */
export interface TransformDefinition<P extends Params = Params> {
  readonly name: string;
  /** The dotted Python path of the Eisen original; absent for ours. */
  readonly python?: string;
  /** Further names that mean the same. */
  readonly aliases?: readonly string[];
  readonly group: TransformGroup;
  /** One line; the documentation starts with it. */
  readonly summary: string;
  /** Further lines of documentation: dtypes, edges, differences. */
  readonly notes?: string;
  readonly params: P;
  /** Parameters of the documented example; parsed in a test. */
  readonly example: { readonly [name: string]: Plain };
  /** What is wrong with these parameters together, or undefined. */
  check?(params: ValuesOf<P>): string | undefined;
  /** Follows the fields without data: what is read, made, dropped, and whether geometry survives. */
  trace(ledger: FieldLedger, params: ValuesOf<P>): void;
  /** Does the work. `fields` belongs to this run and may be changed; the arrays in it only where `memory` says so. */
  apply(fields: Fields, params: ValuesOf<P>, context: StepContext): void | Promise<void>;
}

/** Gives `definition` back, with the kinds of its parameters inferred for `trace` and `apply`. */
export function defineTransform<P extends Params>(definition: TransformDefinition<P>): TransformDefinition {
  return definition as unknown as TransformDefinition;
}
