import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HOSTILE_ZIPS } from '../../.build/test/support/hostile-zips.js';
import { openArchive } from '../../dist/core/archive/open-archive.js';

export default {
  number: 1,
  title: 'hostile zips are refused by their own code, at once, and write nothing',
  async run({ room }) {
    const wrong = [];
    let slowestMs = 0;
    for (const { title, code, make } of HOSTILE_ZIPS) {
      const file = path.join(room, 'evil.mar');
      writeFileSync(file, make());
      const started = performance.now();
      const found = await openArchive(file, { verify: true }).then(
        async (archive) => {
          await archive.close();
          return 'accepted';
        },
        (error) => error.code,
      );
      slowestMs = Math.max(slowestMs, performance.now() - started);
      if (found !== code) wrong.push(`${title}: ${found}, not ${code}`);
    }
    const left = readdirSync(room).filter((name) => name !== 'evil.mar');
    const passed = wrong.length === 0 && left.length === 0 && HOSTILE_ZIPS.length >= 35 && slowestMs < 100;
    return { passed, archives: HOSTILE_ZIPS.length, slowestMs: Math.round(slowestMs), wrong };
  },
};
