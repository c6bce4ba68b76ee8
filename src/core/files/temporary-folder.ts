import { inRole } from './file-role.js';

/** Makes something in the folder for temporary files; what the system says of that folder names TMPDIR, which mends it. */
export function inTemporaryFolder<T>(folder: string, make: () => T): T {
  const hint = 'Set TMPDIR to a folder that is there, can be written and has room.';
  return inRole({ role: 'the folder for temporary files', file: folder, hint }, make);
}
