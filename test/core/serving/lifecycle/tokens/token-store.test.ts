import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TokenConfig } from '../../../../../src/core/serving/config/server-config.js';
import {
  removeKeyFile,
  renderKeyFile,
  writeKeyFile,
} from '../../../../../src/core/serving/lifecycle/tokens/key-file.js';
import {
  chooseRandomKinds,
  createTokenStore,
  type IssuedTokens,
  readBearer,
} from '../../../../../src/core/serving/lifecycle/tokens/token-store.js';
import { codeOfAsync } from '../../../../support/codes.js';

const CONFIG: TokenConfig = {
  required: { inference: true, management: true, metrics: true },
  expirationMs: 60_000,
  keyFile: '',
  fixed: { inference: null, management: null },
  failureStatus: 400,
};

function open(config: Partial<TokenConfig> = {}) {
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  const published: IssuedTokens[] = [];
  const store = createTokenStore({
    config: { ...CONFIG, ...config },
    now: () => clock.now,
    randomBytes,
    publish: async (tokens) => void published.push(tokens),
  });
  const bearer = (kind: 'inference' | 'management' | 'API'): string[] => [`Bearer ${published.at(-1)![kind]?.key}`];
  return { store, clock, published, bearer };
}

describe('tokens', () => {
  it('are 32 random bytes each, and each opens its own kind only', () => {
    const { store, bearer, published } = open();
    expect(Buffer.from(published[0]!.inference!.key, 'base64url')).toHaveLength(32);
    for (const kind of ['inference', 'management', 'API'] as const) {
      for (const other of ['inference', 'management', 'API'] as const) {
        expect(store.check(kind, bearer(other))).toBe(kind === other);
      }
    }
  });

  it.each([
    ['none', []],
    ['two headers', ['Bearer abc', 'Bearer abc']],
    ['another scheme', ['Basic abc']],
    ['no token', ['Bearer ']],
    ['two tokens', ['Bearer abc def']],
    ['lower-case scheme', ['bearer abc']],
    ['a list', ['Bearer abc, Bearer abc']],
  ])('are not found in %s', (_, headers) => {
    expect(readBearer(headers)).toBeNull();
    expect(open().store.check('inference', headers)).toBe(false);
  });

  it('refuse an empty token even when no token is left', () => {
    const { store, clock } = open();
    clock.now += 10 ** 9;
    expect(store.check('inference', [])).toBe(false);
    expect(store.check('inference', ['Bearer x'])).toBe(false);
  });

  it('expire, all but the one that makes new ones', () => {
    const { store, clock, bearer } = open();
    clock.now += 59_999;
    expect(store.check('inference', bearer('inference'))).toBe(true);
    clock.now += 1;
    expect(store.check('inference', bearer('inference'))).toBe(false);
    expect(store.check('API', bearer('API'))).toBe(true);
  });

  it('stay good for 30 s after a rotation, which leaves the other kinds alone', async () => {
    const { store, clock, bearer, published } = open();
    const [old, management] = [bearer('inference'), bearer('management')];
    await store.rotate('inference');
    expect(published).toHaveLength(2);
    expect(published[1]!.inference!.key).not.toBe(published[0]!.inference!.key);
    expect(store.check('inference', old)).toBe(true);
    expect(store.check('inference', bearer('inference'))).toBe(true);
    expect(store.check('management', management)).toBe(true);
    clock.now += 30_000;
    expect(store.check('inference', old)).toBe(false);
    expect(store.check('inference', bearer('inference'))).toBe(true);
  });

  it('do not come back to life by a rotation once they have expired', async () => {
    const { store, clock, bearer } = open();
    const old = bearer('inference');
    clock.now += 60_000;
    await store.rotate('inference');
    expect(store.check('inference', old)).toBe(false);
  });

  it('given by the operator open their kind for ever and are never published', () => {
    const { store, clock, published } = open({ fixed: { inference: 'from-the-vault', management: null } });
    clock.now += 10 ** 10;
    expect(store.check('inference', ['Bearer from-the-vault'])).toBe(true);
    expect(store.check('management', ['Bearer from-the-vault'])).toBe(false);
    expect(JSON.stringify(published)).not.toContain('vault');
  });
});

describe('a token that the operator has fixed', () => {
  const required = { inference: true, management: true, metrics: true };
  const only = { inference: true, management: false, metrics: false };

  it.each([
    ['none fixed', { inference: null, management: null }, required, ['management', 'inference', 'API']],
    ['none fixed, one asked for', { inference: null, management: null }, only, ['management', 'inference', 'API']],
    ['inference', { inference: 'a', management: null }, required, ['management', 'API']],
    ['inference, management asks for none', { inference: 'a', management: null }, only, []],
    ['management', { inference: null, management: 'b' }, required, ['inference', 'API']],
    ['both', { inference: 'a', management: 'b' }, required, []],
  ] as const)('leaves random ones for the other kinds only: %s', (_what, fixed, asked, kinds) => {
    expect(chooseRandomKinds({ fixed, required: asked })).toEqual(kinds);
  });

  it('never leaves a listener that asks without exactly one token that opens it', () => {
    const flags = [false, true];
    const keys = [null, 'fixed'];
    for (const inference of flags)
      for (const management of flags)
        for (const metrics of flags)
          for (const own of keys)
            for (const other of keys) {
              const fixed = { inference: own, management: other };
              const { store, published } = open({ required: { inference, management, metrics }, fixed });
              const asked = [...(inference || metrics ? ['inference'] : []), ...(management ? ['management'] : [])];
              for (const kind of asked as ('inference' | 'management')[]) {
                const tokens = [fixed[kind], published.at(-1)?.[kind]?.key].filter((key) => typeof key === 'string');
                expect(tokens.map((key) => store.check(kind, [`Bearer ${key}`]))).toEqual([true]);
                expect(store.check(kind, [])).toBe(false);
              }
            }
  });

  it('is the only one of its kind: no random key opens it, none is written', async () => {
    const { store, published, bearer } = open({ fixed: { inference: 'from-the-vault', management: null } });
    expect(published.map((tokens) => Object.keys(tokens))).toEqual([['management', 'API']]);
    expect(Object.keys(JSON.parse(renderKeyFile(published[0]!)))).toEqual(['management', 'API']);
    for (const kind of ['management', 'API'] as const) expect(store.check('inference', bearer(kind))).toBe(false);
    expect(await codeOfAsync(store.rotate('inference'))).toBe('PARAMETER_INVALID');
    await store.rotate('management');
    expect(published).toHaveLength(2);
  });

  it('for every listener leaves no key file to be written', async () => {
    const { store, published } = open({ fixed: { inference: 'a', management: 'b' } });
    await store.published;
    expect(published).toEqual([]);
    expect([store.check('inference', ['Bearer a']), store.check('management', ['Bearer b'])]).toEqual([true, true]);
    expect(store.check('API', ['Bearer a'])).toBe(false);
  });
});

describe('the key file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (): string => path.join(folder, 'key_file.json');
  const expiresAt = new Date('2026-11-22T19:55:45.360Z');
  const tokens: IssuedTokens = {
    management: { key: 'm', expiresAt },
    inference: { key: 'i', expiresAt },
    API: { key: 'a', expiresAt: null },
  };

  it('has the keys of the peer in its order', () => {
    expect(renderKeyFile(tokens)).toBe(
      [
        '{',
        '  "management": {',
        '    "key": "m",',
        '    "expiration time": "2026-11-22T19:55:45.360Z"',
        '  },',
        '  "inference": {',
        '    "key": "i",',
        '    "expiration time": "2026-11-22T19:55:45.360Z"',
        '  },',
        '  "API": {',
        '    "key": "a"',
        '  }',
        '}',
      ].join('\n'),
    );
  });

  it('is readable by its owner only, also under a loose umask and over an older file', async () => {
    writeFileSync(file(), 'old', { mode: 0o666 });
    const old = process.umask(0);
    try {
      await writeKeyFile(file(), tokens);
    } finally {
      process.umask(old);
    }
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['key_file.json']);
  });

  it('replaces a link and never writes through it', async () => {
    const target = path.join(folder, 'precious');
    writeFileSync(target, 'keep me');
    symlinkSync(target, file());
    await writeKeyFile(file(), tokens);
    expect(readFileSync(target, 'utf8')).toBe('keep me');
    expect(readFileSync(file(), 'utf8')).toBe(renderKeyFile(tokens));
  });

  it('leaves no half-written file when it cannot take its place', async () => {
    await expect(writeKeyFile(path.join(folder, 'no', 'key_file.json'), tokens)).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringMatching(
        /^the file of the tokens: .*no.key_file\.json: cannot be written there \(ENOENT\)/,
      ),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is removed by the server that wrote it and by no other', async () => {
    await writeKeyFile(file(), tokens);
    await removeKeyFile(file(), { ...tokens, API: { key: 'other', expiresAt: null } });
    expect(readdirSync(folder)).toHaveLength(1);
    await removeKeyFile(file(), tokens);
    expect(readdirSync(folder)).toEqual([]);
  });
});
