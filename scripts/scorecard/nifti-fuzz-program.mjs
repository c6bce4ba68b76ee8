// The work of test 9 in a process of its own, so that its memory can be told: prints one JSON line.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { createRandom } from '../../.build/test/interop/zip-mutants.js';
import { decodeImage } from '../../dist/core/imaging/decode-image.js';
import { readNifti } from '../../dist/core/imaging/nifti/read.js';

const [count, seed] = process.argv.slice(2).map(Number);
const random = createRandom(seed);
const honest = readFileSync(process.argv[4]);
const EXTREMES = [0, 1, 7, 8, 255, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0x7f800000, 0x7fc00000];
const counts = { accepted: 0, refused: 0 };
const wrong = [];
let slowestMs = 0;

async function judge(what, read) {
  const started = performance.now();
  try {
    await read();
    counts.accepted++;
  } catch (error) {
    if (error.name === 'EisenError') counts.refused++;
    else wrong.push(`${what}: ${error.name}: ${error.message}`);
  }
  const ms = performance.now() - started;
  slowestMs = Math.max(slowestMs, ms);
  if (ms > 1000) wrong.push(`${what}: ${Math.round(ms)} ms`);
}

function mutate() {
  const bytes = new Uint8Array(honest);
  const view = new DataView(bytes.buffer);
  for (let n = 1 + random(4); n > 0; n--) {
    const at = random(352);
    const kind = random(4);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] ^= 1 << random(8);
    else if (kind === 2) view.setUint16(at, EXTREMES[random(EXTREMES.length)], random(2) === 0);
    else view.setUint32(Math.min(at, 348), EXTREMES[random(EXTREMES.length)], random(2) === 0);
  }
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}

for (let n = 0; n < count; n++) {
  const bytes = mutate();
  const packed = n % 20 === 0 ? gzipSync(bytes, { level: 1 }) : bytes;
  await judge(`mutant ${n} of seed ${seed}`, () => readNifti({ bytes: packed, name: 'v.nii' }));
}

const bombs = JSON.parse(readFileSync(process.argv[5], 'utf8')).map(([what, text]) => [
  what,
  Buffer.from(text, 'base64'),
]);
for (const [what, bytes] of bombs) {
  const before = counts.accepted;
  await judge(what, () => decodeImage(bytes, { name: 'v.nii.gz' }));
  if (counts.accepted > before) wrong.push(`${what}: accepted`);
}
const peakMiB = Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);
process.stdout.write(
  `${JSON.stringify({ headers: count, bombs: bombs.length, ...counts, slowestMs: Math.round(slowestMs), peakMiB, wrong: wrong.slice(0, 5), faults: wrong.length })}\n`,
);
