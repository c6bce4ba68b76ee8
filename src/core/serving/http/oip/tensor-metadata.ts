import { FILE_TYPES, PLAIN_TYPES } from '../../../metadata/field-types.js';
import type { Metadata, TensorDescription } from '../../../metadata/metadata.js';
import { DTYPES, type DType } from '../../../tensor/dtype.js';

/** A tensor as the Open Inference Protocol describes it; -1 is a free axis. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

function datatypeOf(field: TensorDescription): string {
  const dtype = field['dtype'];
  // Metadata that a person wrote often names no dtype; models of this kind take float32 of anything.
  if (typeof dtype !== 'string' || !(dtype in DTYPES)) return 'FP32';
  return DTYPES[dtype as DType].oip;
}

/** A field of the metadata as a tensor: files, texts and JSON travel as one element of bytes. */
function tensorOf(field: TensorDescription): TensorMetadata {
  if (FILE_TYPES.includes(field.type) || field.type === 'str' || field.type === 'json') {
    return { name: field.name, datatype: 'BYTES', shape: [1] };
  }
  if (PLAIN_TYPES.includes(field.type)) return { name: field.name, datatype: 'BYTES', shape: [-1] };
  return { name: field.name, datatype: datatypeOf(field), shape: field.shape };
}

export function tensorsOf(metadata: Metadata | null): { inputs: TensorMetadata[]; outputs: TensorMetadata[] } {
  return {
    inputs: (metadata?.inputs ?? []).map(tensorOf),
    outputs: (metadata?.outputs ?? []).map(tensorOf),
  };
}
