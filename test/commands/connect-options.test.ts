import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createClientOptions } from '../../src/commands/connect-options.js';
import { createScratchFolder } from '../support/scratch-folder.js';

const folder = createScratchFolder();
const place = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const url = 'http://h/predictions/m';
const authority = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';

describe('how a server is reached', () => {
  it.each<[string, object, NodeJS.ProcessEnv, object]>([
    ['nothing given', {}, {}, {}],
    ['the token of the environment', {}, { EISEN_TOKEN: 'abc' }, { token: 'abc' }],
    ['an empty token of the environment', {}, { EISEN_TOKEN: '' }, {}],
    [
      'the token of a file, which wins',
      { tokenFile: place('t', ' abc \nrest') },
      { EISEN_TOKEN: 'x' },
      { token: 'abc' },
    ],
    [
      'the keys of the key file of a server: one for predictions, one for the list of models',
      { tokenFile: place('k.json', '{"management":{"key":"list"},"inference":{"key":"yes"}}') },
      {},
      { token: 'yes', managementToken: 'list' },
    ],
    ['authorities', { ca: place('ca.pem', authority) }, {}, { ca: authority }],
    ['times', { timeoutMs: 5, retries: 0 }, {}, { timeoutMs: 5, busyRetries: 0 }],
  ])('%s', async (_what, flags, env, expected) => {
    expect(await createClientOptions(url, flags, env)).toEqual({ url, env, ...expected });
  });

  it.each<[string, object, string]>([
    ['a token file that is not there', { tokenFile: path.join(folder, 'none') }, 'FILE_NOT_FOUND'],
    ['a token with blanks', { tokenFile: place('two', 'two words') }, 'USAGE'],
    ['an empty token file', { tokenFile: place('blank', '\n') }, 'USAGE'],
    ['a key file without an inference key', { tokenFile: place('half.json', '{"a": 1}') }, 'USAGE'],
    ['authorities that are none', { ca: place('der', '0\u0082') }, 'USAGE'],
  ])('is refused with %s', async (_what, flags, code) => {
    await expect(createClientOptions(url, flags, {})).rejects.toMatchObject({ code });
  });

  it.each(['a\nb', 'two words', 'ä'])('is refused with the token %j of the environment', async (token) => {
    await expect(createClientOptions(url, {}, { EISEN_TOKEN: token })).rejects.toMatchObject({
      code: 'USAGE',
      details: { where: 'EISEN_TOKEN' },
    });
  });
});
