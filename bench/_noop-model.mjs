// An ONNX graph of one Identity: float32 [batch, 1, x, y, z] in and out, all axes free but the second.
export const NOOP_MODEL = Buffer.from(
  'CAgSCXRpbnktb25ueDqEAQodCgVpbWFnZRIKcHJlZGljdGlvbiIISWRlbnRpdHkSBHRpbnlaKwoFaW1hZ2USIgogCAESHAoHEgViYXRjaAoCCAEKAxIBeAoDEgF5CgMSAXpiMAoKcHJlZGljdGlvbhIiCiAIARIcCgcSBWJhdGNoCgIIAQoDEgF4CgMSAXkKAxIBekIECgAQEQ==',
  'base64',
);

export const NOOP_METADATA = {
  inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  model_input_list: ['image'],
  model_output_list: ['prediction'],
  custom: {},
};

/** A msgpack request body: one float32 array of [1, 1, 1, 1, count] under `image`. */
export function requestBody(count) {
  const text = (value) => Buffer.concat([Buffer.from([0xa0 + value.length]), Buffer.from(value)]);
  const size = Buffer.alloc(5);
  size[0] = 0xc6;
  size.writeUInt32BE(count * 4, 1);
  const axis = Buffer.alloc(5);
  axis[0] = 0xce;
  axis.writeUInt32BE(count, 1);
  return Buffer.concat([
    Buffer.from([0x81]),
    text('image'),
    Buffer.from([0x84]),
    text('__ndarray__'),
    Buffer.from([0xc3]),
    text('data'),
    size,
    Buffer.alloc(count * 4, 1),
    text('shape'),
    Buffer.from([0x95, 1, 1, 1, 1]),
    axis,
    text('type'),
    text('float32'),
  ]);
}
