import type { FieldFacts, FieldKind, FieldLedger } from './field-ledger.js';

/** Kinds that ours take as numbers: an image is scaled to float32 on the way. */
export const NUMBERS: readonly FieldKind[] = ['array', 'image'];

interface EachField {
  readonly accepts: readonly FieldKind[];
  readonly gives: FieldKind;
  /** keeps: geometry goes through; drops: it is lost; needs: it must be known and goes through, changed. */
  readonly geometry: 'keeps' | 'drops' | 'needs';
}

/** The trace of a transform that replaces each of its fields by a new value. */
export function traceEach(ledger: FieldLedger, fields: readonly string[], { accepts, gives, geometry }: EachField) {
  for (const field of fields) {
    const facts = geometry === 'needs' ? ledger.readPlaced(field, accepts) : ledger.read(field, accepts);
    const kept: FieldFacts = { ...facts, kind: gives };
    ledger.make(field, geometry === 'drops' ? ledger.withoutGeometry(kept) : kept);
  }
}

/** Array in, array out, voxels where they were. */
export const traceArrays = (ledger: FieldLedger, { fields }: { readonly fields: readonly string[] }): void =>
  traceEach(ledger, fields, { accepts: ['array'], gives: 'array', geometry: 'keeps' });

/** Array or image in, array out, voxels where they were. */
export const traceNumbers = (ledger: FieldLedger, { fields }: { readonly fields: readonly string[] }): void =>
  traceEach(ledger, fields, { accepts: NUMBERS, gives: 'array', geometry: 'keeps' });
