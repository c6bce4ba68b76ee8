import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inTemporaryFolder } from '../../files/temporary-folder.js';

const PREFIX = 'eisen-deploy-';

/** One private folder for everything that a server or command puts on disk while it runs. */
export interface RunFolder {
  readonly path: string;
  /** A fresh folder inside, only for us. */
  make(name: string): string;
  remove(): void;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes folders of ours whose program has died without doing so; other users' and other programs' are left alone. */
export function sweepRunFolders(parent = os.tmpdir()): string[] {
  const swept: string[] = [];
  for (const name of readdirSync(parent)) {
    const pid = /^eisen-deploy-(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = path.join(parent, name);
    try {
      const stats = statSync(folder);
      if (!stats.isDirectory() || stats.uid !== process.getuid?.()) continue;
      rmSync(folder, { recursive: true, force: true });
      swept.push(folder);
    } catch {
      // Somebody else swept it first.
    }
  }
  return swept;
}

/** Makes the folder (mode 0700, our process id in its name) after sweeping those of dead processes; throws NOT_WRITABLE, DISK_FULL. */
export function createRunFolder(parent = os.tmpdir()): RunFolder {
  const folder = inTemporaryFolder(parent, () => {
    sweepRunFolders(parent);
    const made = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-`));
    chmodSync(made, 0o700);
    return made;
  });
  let count = 0;
  return {
    path: folder,
    make: (name) => {
      count += 1;
      const made = path.join(folder, `${name}-${count}`);
      mkdirSync(made, { mode: 0o700 });
      return made;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
