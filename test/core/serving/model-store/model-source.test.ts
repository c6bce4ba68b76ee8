import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../../src/core/errors/error.js';
import { decideSource } from '../../../../src/core/serving/model-store/model-source.js';
import { isPrivateAddress } from '../../../../src/core/serving/model-store/private-address.js';

const ALL = [/^(?:.*)$/i];

function decide(url: string, allowedUrls: readonly RegExp[] = []): unknown {
  try {
    return decideSource(url, { modelStore: '/store', allowedUrls });
  } catch (error) {
    if (isEisenError(error)) return error.code;
    throw error;
  }
}

describe('what a registration may read', () => {
  it.each([
    ['a.mar', { kind: 'local', candidates: ['/store/a.mar'] }],
    ['sub/a.mar', { kind: 'local', candidates: ['/store/sub/a.mar'] }],
    ['/store/a.mar', { kind: 'local', candidates: ['/store/a.mar'] }],
    ['/etc/passwd', { kind: 'local', candidates: ['/store/passwd'] }],
    ['/storehouse/a.mar', { kind: 'local', candidates: ['/store/a.mar'] }],
    ['a%2fb.mar', { kind: 'local', candidates: ['/store/a%2fb.mar'] }],
    ['', 'MODEL_URL_REFUSED'],
    ['../a.mar', 'MODEL_URL_REFUSED'],
    ['x/..%2f..', 'MODEL_URL_REFUSED'],
    ['%2e%2E/a.mar', 'MODEL_URL_REFUSED'],
    ['a\0.mar', 'MODEL_URL_REFUSED'],
    ['/', 'MODEL_URL_REFUSED'],
    ['file:///etc/passwd', 'MODEL_URL_REFUSED'],
    ['file:/etc/passwd', 'MODEL_URL_REFUSED'],
    ['http://example.org/a.mar', 'MODEL_URL_REFUSED'],
    ['S3://bucket/a.mar', 'MODEL_URL_REFUSED'],
  ])('%j is %j without patterns', (url, expected) => expect(decide(url)).toEqual(expected));

  it.each([
    ['file:///data/a.mar', { kind: 'local', candidates: ['/data/a.mar'] }],
    ['file://host/a.mar', 'DOWNLOAD_FAILED'],
    ['ftp://example.org/a.mar', 'DOWNLOAD_FAILED'],
    ['http://user:word@example.org/a.mar', 'DOWNLOAD_FAILED'],
    ['http://example.org/', 'DOWNLOAD_FAILED'],
    ['http://example.org/.mar', 'DOWNLOAD_FAILED'],
    ['http://example.org/a.exe', 'DOWNLOAD_FAILED'],
    ['http://', 'DOWNLOAD_FAILED'],
    ['http://example.org/../a.mar', 'MODEL_URL_REFUSED'],
  ])('%j is %j where everything is allowed', (url, expected) => expect(decide(url, ALL)).toEqual(expected));

  it('is fetched under the last part of the path', () => {
    expect(decide('https://example.org/x/a.mar?token=1', ALL)).toMatchObject({ kind: 'download', fileName: 'a.mar' });
  });
});

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    'fe80::1',
    'fd00::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'no address',
    '',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450::1'])('%s is public', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );
});
