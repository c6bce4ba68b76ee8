import type { NdArray } from '../tensor/ndarray.js';
import { countNonFinite } from '../tensor/non-finite.js';
import { renderNonFinite } from '../tensor/non-finite-header.js';
import type { Fields, Geometry } from '../tensor/value.js';
import { sharedGeometry } from '../transforms/shared-geometry.js';
import type { NameBinding } from './bind-names.js';

type Arrays = ReadonlyMap<string, NdArray>;

interface PlacedInput {
  readonly geometry: Geometry;
  readonly rank: number;
  /** Lengths of the three spatial axes. */
  readonly lengths: readonly number[];
}

/** The grid that all model inputs with a geometry share: the same place, the same lengths. */
function sharedGrid(inputs: Fields, binding: NameBinding): PlacedInput | undefined {
  const placed = binding.inputs.flatMap(({ field }): PlacedInput[] => {
    const value = inputs.get(field);
    if (value === undefined || !('geometry' in value) || value.geometry === undefined) return [];
    const { shape } = value.array;
    return [
      { geometry: value.geometry, rank: shape.length, lengths: value.geometry.spatialAxes.map((axis) => shape[axis]!) },
    ];
  });
  const [first] = placed;
  if (first === undefined || sharedGeometry(placed.map(({ geometry }) => geometry)) === undefined) return undefined;
  const sameLengths = placed.every(
    ({ rank, lengths }) => rank === first.rank && lengths.every((length, n) => length === first.lengths[n]),
  );
  return sameLengths ? first : undefined;
}

function liesOn(input: PlacedInput, { shape }: NdArray): boolean {
  const { geometry, rank, lengths } = input;
  return shape.length === rank && lengths.every((length, n) => shape[geometry.spatialAxes[n]!] === length);
}

/**
 * The dictionary after inference: the outputs by their names in the metadata, then the inputs, which win where a name
 * stands on both sides. An output inherits the geometry of the spatial inputs when these share one grid and it lies on
 * that, too: t1 and t2 of one patient give their labels a place, two scans that lie apart give none.
 */
export function layOverOutputs(parts: {
  readonly inputs: Fields;
  readonly outputs: Arrays;
  readonly binding: NameBinding;
}): Fields {
  const { inputs, outputs, binding } = parts;
  const placed = sharedGrid(inputs, binding);
  const fields: Fields = new Map();
  for (const { field, value } of binding.outputs) {
    const array = outputs.get(value.name)!;
    const geometry = placed !== undefined && liesOn(placed, array) ? placed.geometry : undefined;
    fields.set(field, geometry === undefined ? { kind: 'array', array } : { kind: 'array', array, geometry });
  }
  for (const [name, value] of inputs) fields.set(name, value);
  return fields;
}

/** `name=count` of every output that holds numbers which are none, separated by commas; empty when all is well. */
export function describeNonFinite(outputs: Arrays, binding: NameBinding): string {
  return renderNonFinite(
    new Map(binding.outputs.map(({ field, value }) => [field, countNonFinite(outputs.get(value.name)!)])),
  );
}
