import { EisenError } from '../../errors/error.js';

/** What every snapshot has, the peer's too: what is served from, and, as its last line in ours, the models. */
const ALWAYS_THERE = ['model_store', 'model_snapshot'] as const;

/**
 * Tells a snapshot from an empty, cut or foreign file, which would be read as a configuration without anything: default ports
 * and no tokens.
 * @throws EisenError CONFIG_INVALID
 */
export function checkSnapshotKeys(properties: ReadonlyMap<string, string>): void {
  for (const key of ALWAYS_THERE) {
    if ((properties.get(key)?.trim() ?? '') !== '') continue;
    throw new EisenError('CONFIG_INVALID', `found no ${key}; expected a whole snapshot, this one is empty or cut.`, {
      ...{ where: key, expected: ALWAYS_THERE.join(' and '), found: 'none' },
    });
  }
}
