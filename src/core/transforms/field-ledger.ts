import { askIfMeant, nearestName } from '../errors/nearest-name.js';
import { type Problem, renderPlace } from '../errors/problem.js';
import type { DType } from '../tensor/dtype.js';
import type { PossibleShapes } from './possible-shapes.js';

export type FieldKind = 'array' | 'image' | 'file' | 'plain' | 'any';

/** What is known about a field before there is data. */
export interface FieldFacts {
  readonly kind: FieldKind;
  /** Whether the value knows where its voxels lie; 'maybe' when only the data can tell. */
  readonly geometry: 'known' | 'none' | 'maybe';
  /** The step that took the geometry away. */
  readonly lostBy?: string;
  /** True for what came with the request and was not decoded yet: bytes or arrays, neither of which know a place. */
  readonly isRequest?: boolean;
  /** The shapes that it may have; absent when nothing is known. */
  readonly shapes?: PossibleShapes;
  /** Of the array, or of the stored voxels of an image; absent when it is not known. */
  readonly dtype?: DType;
  /** True for a file that holds a coloured picture. */
  readonly isPicture?: boolean;
}

export const UNKNOWN_FIELD: FieldFacts = { kind: 'any', geometry: 'maybe' };

/** What a transform says while it is followed without data. */
export interface FieldLedger {
  /** The facts of a field that must be there, of one of these kinds. */
  read(field: string, accepts?: readonly FieldKind[]): FieldFacts;
  /** As read, and the geometry must still be known. */
  readPlaced(field: string, accepts?: readonly FieldKind[]): FieldFacts;
  make(field: string, facts: FieldFacts): void;
  drop(field: string): void;
  /** Every field there is now, in order. */
  names(): string[];
  /** Takes the geometry away from facts, and remembers that this step did it. */
  withoutGeometry(facts: FieldFacts): FieldFacts;
}

export interface LedgerState {
  /** Fields in the order in which they stand. */
  readonly fields: Map<string, FieldFacts>;
  /** Fields that were needed from outside, in the order of need. */
  readonly needed: Set<string>;
  readonly made: Set<string>;
  readonly dropped: Set<string>;
  /** Fields that the present step has already been told a problem of: nothing is known of them any more. */
  readonly doubted: Set<string>;
  readonly problems: Problem[];
}

export interface LedgerPlace {
  /** JSON pointer of the step. */
  readonly pointer: string;
  /** Name of the transform. */
  readonly step: string;
  /** The document that the chain came from. */
  readonly where: string;
}

/**
 * A ledger over `state` for one step. When the set of starting fields is not known (`open`), a field that nobody made
 * and nobody dropped is taken as given from outside.
 */
export function createLedger(state: LedgerState, { pointer, step, where }: LedgerPlace, open: boolean): FieldLedger {
  const report = (code: Problem['code'], message: string, hint?: string): void => {
    state.problems.push({ code, pointer, message: `${step}: ${message}`, ...(hint === undefined ? {} : { hint }) });
  };

  /** One cause is one problem: what later steps would find fault with may have been meant to be changed here. */
  const doubt = (field: string): FieldFacts => {
    state.fields.set(field, UNKNOWN_FIELD);
    state.doubted.add(field);
    return UNKNOWN_FIELD;
  };

  const read = (field: string, accepts?: readonly FieldKind[]): FieldFacts => {
    let facts = state.fields.get(field);
    if (facts === undefined) {
      if (!open || state.dropped.has(field)) {
        const nearest = nearestName(field, state.fields.keys());
        const present = [...state.fields.keys()].join(', ') || 'none';
        // The step was meant for another field: for the near one, or for any.
        for (const meant of nearest === undefined ? [...state.fields.keys()] : [nearest]) doubt(meant);
        const hint = state.dropped.has(field) ? 'An earlier step dropped or renamed it.' : askIfMeant(nearest);
        report('FIELD_MISSING', `there is no field '${field}'; the fields here are: ${present}.`, hint);
      }
      facts = UNKNOWN_FIELD;
      state.needed.add(field);
      state.fields.set(field, facts);
    }
    if (accepts !== undefined && facts.kind !== 'any' && !accepts.includes(facts.kind)) {
      const hint =
        facts.kind === 'image' && accepts.includes('array')
          ? 'Put NiftiToNumpy, ITKToNumpy or PilToNumpy before it.'
          : facts.kind === 'file'
            ? 'Put LoadImage before it.'
            : undefined;
      report('CHAIN_INVALID', `field '${field}' holds ${facts.kind}; expected ${accepts.join(' or ')}.`, hint);
      return doubt(field);
    }
    return facts;
  };

  return {
    read,
    readPlaced(field, accepts) {
      const facts = read(field, accepts);
      if (facts.geometry === 'none') {
        const by = facts.lostBy === undefined ? '' : ` since ${facts.lostBy}`;
        report(
          'GEOMETRY',
          `field '${field}' has no known geometry${by}.`,
          facts.isRequest === true
            ? 'It comes with the request as bytes or as an array: put LoadImage before this step.'
            : 'The result could not be laid over the input volume: use transforms that keep the geometry, or leave this step out.',
        );
        return doubt(field);
      }
      return facts;
    },
    make(field, facts) {
      state.fields.set(field, facts);
      state.made.add(field);
      state.dropped.delete(field);
    },
    drop(field) {
      state.fields.delete(field);
      state.made.delete(field);
      state.dropped.add(field);
    },
    names: () => [...state.fields.keys()],
    withoutGeometry: (facts) =>
      facts.geometry === 'none'
        ? facts
        : { ...facts, geometry: 'none', lostBy: `${step} (${renderPlace(where, pointer)})` },
  };
}
