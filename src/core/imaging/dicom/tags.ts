/** Tags that are read, as group × 65536 + element. */
export const TAG = {
  transferSyntax: 0x00020010,
  sopClass: 0x00080016,
  modality: 0x00080060,
  seriesDescription: 0x0008103e,
  sliceThickness: 0x00180050,
  spacingBetweenSlices: 0x00180088,
  seriesUid: 0x0020000e,
  acquisitionNumber: 0x00200012,
  position: 0x00200032,
  orientation: 0x00200037,
  samples: 0x00280002,
  photometric: 0x00280004,
  planar: 0x00280006,
  frames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
  pixelSpacing: 0x00280030,
  bitsAllocated: 0x00280100,
  bitsStored: 0x00280101,
  pixelRepresentation: 0x00280103,
  intercept: 0x00281052,
  slope: 0x00281053,
  planePositions: 0x00209113,
  planeOrientations: 0x00209116,
  pixelMeasures: 0x00289110,
  valueTransformations: 0x00289145,
  sharedGroups: 0x52009229,
  frameGroups: 0x52009230,
  frameOffsets: 0x7fe00001,
  floatPixels: 0x7fe00008,
  doublePixels: 0x7fe00009,
  pixelData: 0x7fe00010,
} as const;

export function tagText(tag: number): string {
  const hex = (value: number): string => value.toString(16).padStart(4, '0');
  return `(${hex(tag >>> 16)},${hex(tag & 0xffff)})`;
}
