import { encodeField } from '../../src/core/onnx/wire-write.js';
import { encodeAttribute, encodeGraph, encodeTinyModel } from './tiny-onnx.js';

/** Bytes of an int64 in the order of the format. */
function int64(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

/**
 * A model that adds 1 to its input `turns` times, one step after another: as slow as one likes. 2n ** 62n never ends.
 * Input `image` and output `prediction` are float32 [batch, 1].
 */
export function loopModel(turns: bigint): Uint8Array {
  const body = encodeGraph({
    inputs: [
      { name: 'turn', type: 7, shape: [] },
      { name: 'go_in', type: 9, shape: [] },
      { name: 'value_in', shape: ['batch', 1] },
    ],
    outputs: [
      { name: 'go_out', type: 9, shape: [] },
      { name: 'value_out', shape: ['batch', 1] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['go_in'], outputs: ['go_out'] },
      { op: 'Add', inputs: ['value_in', 'one'], outputs: ['value_out'] },
    ],
    initializers: [{ name: 'one', dims: [1, 1], floats: [1] }],
  });
  return encodeTinyModel({
    inputs: [{ name: 'image', shape: ['batch', 1] }],
    outputs: [{ name: 'prediction', shape: ['batch', 1] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['turns', 'go', 'image'],
        outputs: ['prediction'],
        attributes: [encodeAttribute('body', [encodeField(6, body)], 5)],
      },
    ],
    initializers: [
      { name: 'turns', dims: [], type: 7, raw: int64(turns) },
      { name: 'go', dims: [], type: 9, raw: new Uint8Array([1]) },
    ],
  });
}

/** What an archive of `loopModel` says of itself. */
export const LOOP_METADATA = {
  inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1] }],
  outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1] }],
  model_input_list: ['image'],
  model_output_list: ['prediction'],
  custom: {},
};

/** A body for it. */
export const LOOP_BODY = JSON.stringify({ image: [[1]] });
