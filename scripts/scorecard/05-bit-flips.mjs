import { readFileSync, writeFileSync } from 'node:fs';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { openArchive } from '../../dist/core/archive/open-archive.js';

const FLIPS = 2000;

/** Every byte that a reader of the archive gets to see, or the code of the refusal. */
async function readAll(file) {
  try {
    const archive = await openArchive(file, { verify: true });
    try {
      const contents = [JSON.stringify(archive.manifest)];
      for (const { name } of archive.entries) {
        contents.push(name, Buffer.from(await archive.readEntry(name)).toString('base64'));
      }
      return contents.join('\n');
    } finally {
      await archive.close();
    }
  } catch (error) {
    return { code: error.code };
  }
}

export default {
  number: 5,
  title: 'a flipped bit is refused, or changes nothing that anybody reads',
  async run({ room }) {
    const file = await writeModelArchive({ folder: room });
    const whole = readFileSync(file);
    const before = await readAll(file);
    let [refused, harmless, wrong] = [0, 0, 0];
    for (let i = 0; i < FLIPS; i++) {
      const bytes = Buffer.from(whole);
      bytes[Math.floor(Math.random() * bytes.length)] ^= 1 << Math.floor(Math.random() * 8);
      writeFileSync(file, bytes);
      const after = await readAll(file);
      if (typeof after === 'object') {
        if (typeof after.code === 'string') refused++;
        else wrong++;
      } else if (after === before) harmless++;
      else wrong++;
    }
    return { passed: wrong === 0 && typeof before === 'string', flips: FLIPS, refused, harmless, wrong };
  },
};
