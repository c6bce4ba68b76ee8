import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compareReaders } from '../../.build/test/interop/zip-comparison.js';
import { createRandom, mutateZip } from '../../.build/test/interop/zip-mutants.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { notRun, PYTHON } from './lib-tools.mjs';

const MUTANTS = 2000;

export default {
  number: 2,
  title: "Java's stream, Python's zipfile and Info-ZIP see in an archive that we accept what we see",
  async run({ room }) {
    const missing = notRun('java', 'python', 'unzip');
    if (missing !== null) return missing;
    const honest = readFileSync(await writeModelArchive({ folder: room }));
    // Another seed each day, and the same one all day: what fails can be run again.
    const seed = Math.floor(Date.now() / 86_400_000);
    const random = createRandom(seed);
    const files = Array.from({ length: MUTANTS }, (_, index) => {
      const file = path.join(room, `mutant-${index}.mar`);
      writeFileSync(file, mutateZip(honest, random));
      return file;
    });
    const { accepted, disagreements } = await compareReaders(files, PYTHON);
    for (const file of files) rmSync(file);
    const passed = disagreements.length === 0 && accepted > 20 && accepted < MUTANTS / 2;
    return { passed, mutants: MUTANTS, seed, accepted, disagreements: disagreements.slice(0, 5) };
  },
};
