import { describe, expect, it } from '@jest/globals';
import { takesFilesOnly } from '../../../../src/core/model/codecs/accept.js';

describe('an Accept header takes files only', () => {
  it.each<[string | undefined, boolean]>([
    ['application/x-nifti', true],
    ['application/x-nifti+gzip;q=0.5, application/x-npy', true],
    ['multipart/mixed', true],
    ['image/png', true],
    ['application/x-nifti, text/html', true],
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/x-nifti, */*;q=0.1', false],
    ['application/x-nifti, application/json', false],
    ['application/x-nifti, application/json;q=0', true],
    ['application/msgpack', false],
    ['application/octet-stream', false],
    ['text/html', false],
  ])('%j: %j', (header, expected) => expect(takesFilesOnly(header)).toBe(expected));
});
