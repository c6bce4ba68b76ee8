import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import { downloadArchive, fileExists } from './download.js';
import { chooseArchives, explainStore } from './list-archives.js';
import { decideSource, type SourceRules } from './model-source.js';

export interface StoreRules extends SourceRules {
  readonly allowPrivateUrls: boolean;
}

export interface ResolvedSource {
  /** An archive file or an unpacked folder. */
  readonly archivePath: string;
  /** Set when the file was fetched for this registration and goes with it. */
  readonly ownedPath?: string;
}

async function exists(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  return found !== null;
}

async function listArchives(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return chooseArchives(entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() })));
}

/** Finds or fetches the archive that a URL names. Decides first; disk and network are touched only after. */
export async function resolveSource(text: string, rules: StoreRules): Promise<ResolvedSource> {
  const source = decideSource(text, rules);
  if (source.kind === 'download') {
    if (await exists(path.join(rules.modelStore, source.fileName))) throw fileExists(source.fileName);
    const archivePath = await downloadArchive({
      ...source,
      modelStore: rules.modelStore,
      allowPrivate: rules.allowPrivateUrls,
    });
    return { archivePath, ownedPath: archivePath };
  }
  for (const candidate of source.candidates) {
    if (await exists(candidate)) return { archivePath: candidate };
  }
  throw new EisenError('MODEL_URL_REFUSED', `Model not found at: ${text}`, {
    where: 'url',
    found: text,
    hint: explainStore(text, rules.modelStore, await listArchives(rules.modelStore)),
  });
}
