// Resampling of whole planes in AssemblyScript, with the sums and roundings of scipy in scipy's order: float64 throughout,
// no products fused. `npm run build:kernels` compiles this file into src/core/imaging/kernels/resample-module.ts. All
// pointers are byte offsets into the module's memory; lengths of rows of float64 are even. Arguments that stay the same
// for a volume lie in memory as a job, an unmanaged class whose fields JavaScript writes in their order.

export { gatherPlane } from './resample/gather-plane';
export { mixPlane, weighPlane } from './resample/mix-plane';
export { demote, round8, round16, round32 } from './resample/round';
export { slantLinear } from './resample/slant-linear';
export { slantNearest } from './resample/slant-nearest';
