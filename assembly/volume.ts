// Streaming loops over voxels in AssemblyScript: WebAssembly SIMD where plain JavaScript is far from the machine.
// `npm run build:kernels` compiles this file into src/core/imaging/kernels/volume-module.ts. All pointers are byte
// offsets into the module's memory, aligned to 16; all counts are elements.

export { argmaxF32 } from './volume/argmax';
export { extremesF32, extremesI16 } from './volume/extremes';
export { compareF32, matchF32, matchU8 } from './volume/labels';
export { centreF32, momentsF32 } from './volume/moments';
export { clipF32, standardiseF32, stretchF32 } from './volume/normalise';
export { accumulateF32, scaleI16 } from './volume/scale';
export { softmaxF32 } from './volume/softmax';
