import path from 'node:path';
import { peerPython } from './peer-python.js';
import {
  isRefused,
  type Listing,
  listByJava,
  listByPython,
  listByUs,
  readByInfoZip,
  readByUs,
  sortListing,
} from './zip-readers.js';

/** How many of the files we accept, and what Java, Python or Info-ZIP see differently in those. */
export async function compareReaders(
  files: readonly string[],
  pythonCommand = peerPython(),
): Promise<{ readonly accepted: number; readonly disagreements: readonly string[] }> {
  const disagreements: string[] = [];
  const accepted: { file: string; listing: Listing }[] = [];
  for (const file of files) {
    const listing = await listByUs(file);
    if (!isRefused(listing)) accepted.push({ file, listing: sortListing(listing) });
  }
  const names = accepted.map(({ file }) => file);
  const [java, python] = [listByJava(names), listByPython(names, pythonCommand)];
  for (const [index, { file, listing }] of accepted.entries()) {
    const report = (reader: string, seen: unknown): void => {
      disagreements.push(`${path.basename(file)}: ${reader}: ${JSON.stringify(seen).slice(0, 200)}`);
    };
    for (const [reader, seen] of [
      ['java', java[index]!],
      ['python', python[index]!],
    ] as const) {
      if (JSON.stringify(sortListing(seen)) !== JSON.stringify(listing)) report(reader, seen);
    }
    const infoZip = readByInfoZip(file);
    if (JSON.stringify(infoZip) !== JSON.stringify(await readByUs(file))) report('Info-ZIP', infoZip);
  }
  return { accepted: accepted.length, disagreements };
}
