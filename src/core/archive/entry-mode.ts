import { refuse } from './refuse.js';

const TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;

/** Checks the Unix mode of an entry (0: the archive gives none). Regular files and folders only, without set-uid and its like. */
export function checkEntryMode(mode: number, isFolder: boolean, where: string): void {
  const type = mode & TYPE;
  if (type === LINK) throw refuse('MAR_LINK', where, 'it is a symbolic link.');
  if (type !== 0 && type !== REGULAR && type !== FOLDER) {
    throw refuse('MAR_SPECIAL_FILE', where, 'it is a device, a pipe or a socket.');
  }
  if (type !== 0 && (type === FOLDER) !== isFolder)
    throw refuse('MAR_SPECIAL_FILE', where, 'its name and its mode disagree whether it is a folder.');
  if ((mode & 0o7000) !== 0) throw refuse('MAR_MODE', where, 'it has a set-uid, set-gid or sticky bit.');
}
