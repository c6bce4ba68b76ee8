import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readTlsMaterial } from '../../../../src/core/serving/lifecycle/tls-material.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../../../../fixtures/tls');
const fixture = (name: string): string => path.join(FIXTURES, name);
const folder = createScratchFolder();

function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

const KEY = fixture('first.key.pem');
const CERTIFICATE = fixture('first.cert.pem');
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
});
const JUNK = write('junk.pem', 'junk');

describe('a PEM pair', () => {
  it('is taken when the certificate was made for the key, with others behind it', () => {
    const chain = write(
      'chain.pem',
      Buffer.concat([readFileSync(CERTIFICATE), readFileSync(fixture('second.cert.pem'))]),
    );
    for (const certificatePath of [CERTIFICATE, chain]) {
      expect(readTlsMaterial({ kind: 'pem', keyPath: KEY, certificatePath }).material).toHaveProperty('cert');
    }
  });

  it.each([
    ['a certificate that is none', KEY, JUNK, 'certificate_file'],
    ['a key in the place of the certificate', KEY, KEY, 'certificate_file'],
    ['the certificate of another key', KEY, fixture('second.cert.pem'), 'certificate_file'],
    ['no certificate', KEY, path.join(folder, 'none.pem'), 'certificate_file'],
    ['a key that is none', JUNK, CERTIFICATE, 'private_key_file'],
    ['a certificate in the place of the key', CERTIFICATE, CERTIFICATE, 'private_key_file'],
    ['a key with a passphrase', write('locked.pem', encrypted), CERTIFICATE, 'private_key_file'],
  ])('is refused by the name and path of the file that is wrong: %s', (_what, keyPath, certificatePath, name) => {
    const wrong = name === 'certificate_file' ? certificatePath : keyPath;
    expect(() => readTlsMaterial({ kind: 'pem', keyPath, certificatePath })).toThrow(`${name}: ${wrong} cannot be `);
  });
});

describe('a keystore', () => {
  it('is refused by its name', () => {
    expect(() => readTlsMaterial({ kind: 'pkcs12', path: fixture('first.p12'), passphrase: 'wrong' })).toThrow(
      /^keystore: .*first\.p12 cannot be used \(.*\); expected a key with its certificate\.$/,
    );
  });
});
