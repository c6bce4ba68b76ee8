/** Storage of one header field: byte offset, kind, and how many of them follow each other. */
type FieldRow = readonly [offset: number, kind: 'u8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64', count: number];

const V1 = {
  sizeof_hdr: [0, 'i32', 1],
  extents: [32, 'i32', 1],
  session_error: [36, 'i16', 1],
  dim_info: [39, 'u8', 1],
  dim: [40, 'i16', 8],
  intent_p: [56, 'f32', 3],
  intent_code: [68, 'i16', 1],
  datatype: [70, 'i16', 1],
  bitpix: [72, 'i16', 1],
  slice_start: [74, 'i16', 1],
  pixdim: [76, 'f32', 8],
  vox_offset: [108, 'f32', 1],
  scl_slope: [112, 'f32', 1],
  scl_inter: [116, 'f32', 1],
  slice_end: [120, 'i16', 1],
  slice_code: [122, 'u8', 1],
  xyzt_units: [123, 'u8', 1],
  cal_max: [124, 'f32', 1],
  cal_min: [128, 'f32', 1],
  slice_duration: [132, 'f32', 1],
  toffset: [136, 'f32', 1],
  glmax: [140, 'i32', 1],
  glmin: [144, 'i32', 1],
  descrip: [148, 'u8', 80],
  qform_code: [252, 'i16', 1],
  sform_code: [254, 'i16', 1],
  quatern: [256, 'f32', 3],
  qoffset: [268, 'f32', 3],
  srow: [280, 'f32', 12],
  intent_name: [328, 'u8', 16],
  magic: [344, 'u8', 4],
} as const satisfies Record<string, FieldRow>;

export type FieldName = Exclude<keyof typeof V1, 'extents' | 'session_error' | 'glmax' | 'glmin'>;

const V2: Record<FieldName, FieldRow> = {
  sizeof_hdr: [0, 'i32', 1],
  magic: [4, 'u8', 8],
  datatype: [12, 'i16', 1],
  bitpix: [14, 'i16', 1],
  dim: [16, 'i64', 8],
  intent_p: [80, 'f64', 3],
  pixdim: [104, 'f64', 8],
  vox_offset: [168, 'i64', 1],
  scl_slope: [176, 'f64', 1],
  scl_inter: [184, 'f64', 1],
  cal_max: [192, 'f64', 1],
  cal_min: [200, 'f64', 1],
  slice_duration: [208, 'f64', 1],
  toffset: [216, 'f64', 1],
  slice_start: [224, 'i64', 1],
  slice_end: [232, 'i64', 1],
  descrip: [240, 'u8', 80],
  qform_code: [344, 'i32', 1],
  sform_code: [348, 'i32', 1],
  quatern: [352, 'f64', 3],
  qoffset: [376, 'f64', 3],
  srow: [400, 'f64', 12],
  slice_code: [496, 'i32', 1],
  xyzt_units: [500, 'i32', 1],
  intent_code: [504, 'i32', 1],
  intent_name: [508, 'u8', 16],
  dim_info: [524, 'u8', 1],
};

export type Version = 1 | 2;

/** The two header layouts; see nifti1.h and nifti2.h of the NIfTI standard. */
const HEADER_FIELDS: Record<Version, Record<FieldName, FieldRow>> = { 1: V1, 2: V2 };
export const HEADER_BYTES: Record<Version, number> = { 1: 348, 2: 540 };

const KIND_BYTES = { u8: 1, i16: 2, i32: 4, i64: 8, f32: 4, f64: 8 } as const;

/** Fields of a header, by name and index, in one byte order. */
export interface HeaderView {
  readonly version: Version;
  get(name: FieldName, index?: number): number;
  set(name: FieldName, value: number, index?: number): void;
  /** Byte offset of a field in the file. */
  offsetOf(name: FieldName, index?: number): number;
}

/** Looks at header bytes through the layout of their version. 64-bit counts come as numbers, exact up to 2^53. */
export function viewHeader(bytes: Uint8Array, version: Version, littleEndian: boolean): HeaderView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES[version]);
  const table = HEADER_FIELDS[version];
  const offsetOf = (name: FieldName, index = 0): number => table[name][0] + index * KIND_BYTES[table[name][1]];
  return {
    version,
    offsetOf,
    get(name, index = 0) {
      const at = offsetOf(name, index);
      switch (table[name][1]) {
        case 'u8':
          return view.getUint8(at);
        case 'i16':
          return view.getInt16(at, littleEndian);
        case 'i32':
          return view.getInt32(at, littleEndian);
        case 'i64':
          return Number(view.getBigInt64(at, littleEndian));
        case 'f32':
          return view.getFloat32(at, littleEndian);
        case 'f64':
          return view.getFloat64(at, littleEndian);
      }
    },
    set(name, value, index = 0) {
      const at = offsetOf(name, index);
      switch (table[name][1]) {
        case 'u8':
          return view.setUint8(at, value);
        case 'i16':
          return view.setInt16(at, value, littleEndian);
        case 'i32':
          return view.setInt32(at, value, littleEndian);
        case 'i64':
          return view.setBigInt64(at, BigInt(value), littleEndian);
        case 'f32':
          return view.setFloat32(at, value, littleEndian);
        case 'f64':
          return view.setFloat64(at, value, littleEndian);
      }
    },
  };
}

/** A copy of header bytes with every number in little-endian order. */
export function toLittleEndian(bytes: Uint8Array, version: Version): Uint8Array {
  const out = bytes.slice(0, HEADER_BYTES[version]);
  const table: Record<string, FieldRow> = version === 1 ? V1 : V2;
  for (const [offset, kind, count] of Object.values(table)) {
    const size = KIND_BYTES[kind];
    for (let n = 0; n < count && size > 1; n += 1) out.subarray(offset + n * size, offset + (n + 1) * size).reverse();
  }
  return out;
}
