// The chain of bench/transforms.mjs as a whole process: node _transforms_chain.mjs FILE → JSON of shape and memory.
import { readFileSync } from 'node:fs';
import { parseChain } from '../dist/core/transforms/chain.js';
import { runChain } from '../dist/core/transforms/run-chain.js';

const fields = ['image'];
const chain = parseChain(
  [
    { type: 'LoadNiftiFromFilename', params: { fields } },
    { type: 'ResampleNiftiVolumes', params: { fields, resolution: [1, 1, 1], interpolation: 'linear' } },
    { type: 'NiftiToNumpy', params: { fields } },
    { type: 'MapValues', params: { fields } },
    { type: 'CropCenteredSubVolumes', params: { fields, size: [192, 192, 192] } },
  ],
  'bench',
);
const startMB = process.memoryUsage.rss() / 2 ** 20;
const file = { kind: 'file', bytes: readFileSync(process.argv[2]), name: 'scan.nii.gz' };
const out = await runChain(chain, new Map([['image', file]]));
const { shape } = out.get('image').array;
process.stdout.write(JSON.stringify({ shape, startMB, peakMB: process.resourceUsage().maxRSS / 1024 }));
