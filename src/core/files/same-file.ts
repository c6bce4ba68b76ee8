import { type Stats, statSync } from 'node:fs';

/** True while `path` names the same file as when it was opened; a rename over it makes this false. */
export function isSameFile(path: string, opened: Stats): boolean {
  try {
    const now = statSync(path);
    return (
      now.ino === opened.ino && now.dev === opened.dev && now.size === opened.size && now.mtimeMs === opened.mtimeMs
    );
  } catch {
    return false;
  }
}
