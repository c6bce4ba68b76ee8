import { didYouMean } from '../../errors/nearest-name.js';

const SHOWN = 10;

/** Names of what a store can serve: archives and folders, hidden ones aside, in the order of their names. */
export function chooseArchives(entries: readonly { readonly name: string; readonly isFolder: boolean }[]): string[] {
  return entries
    .filter(({ name, isFolder }) => !name.startsWith('.') && (isFolder || /\.(mar|model|tar\.gz)$/.test(name)))
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : 1));
}

/** What the store holds in the place of an archive that is not there, and which of it was most likely meant. */
export function explainStore(wanted: string, folder: string, archives: readonly string[]): string {
  const near = didYouMean(wanted, archives) || didYouMean(`${wanted}.mar`, archives);
  const more = archives.length > SHOWN ? ` and ${archives.length - SHOWN} more` : '';
  const found =
    archives.length === 0 ? 'it holds no archive' : `it holds ${archives.slice(0, SHOWN).join(', ')}${more}`;
  return `Looked in ${folder}, ${found}.${near}`;
}
