import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { asRoleError } from '../../../files/file-role.js';
import type { IssuedTokens } from './token-store.js';

/** The text of `key_file.json`, with the peer's keys in the peer's order; a kind that the operator has fixed is left out. */
export function renderKeyFile(tokens: IssuedTokens): string {
  const rows = (['management', 'inference', 'API'] as const).flatMap((kind) => {
    const token = tokens[kind];
    if (token === undefined) return [];
    const { key, expiresAt } = token;
    return [[kind, expiresAt === null ? { key } : { key, 'expiration time': expiresAt.toISOString() }] as const];
  });
  return JSON.stringify(Object.fromEntries(rows), null, 2);
}

const HINT = 'It is written into the folder that the server is started in: start it in one that it can write.';

async function writePrivately(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes the key file so that nobody else can read it at any moment: created exclusively with mode 0600 beside its place,
 * then renamed over it. Whatever stood there, a link included, is replaced and not followed. Throws NOT_WRITABLE, DISK_FULL.
 */
export async function writeKeyFile(path: string, tokens: IssuedTokens): Promise<void> {
  const beside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writePrivately(beside, renderKeyFile(tokens));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw asRoleError(error, { role: 'the file of the tokens', file: path, hint: HINT });
  }
}

/** Removes the key file when it is still the one that this server wrote. */
export async function removeKeyFile(path: string, tokens: IssuedTokens): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === renderKeyFile(tokens)) await rm(path, { force: true });
}
