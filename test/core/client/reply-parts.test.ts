import { describe, expect, it } from '@jest/globals';
import { readReplyParts } from '../../../src/core/client/reply-parts.js';

const show = (type: string, body: string) =>
  readReplyParts(type, Buffer.from(body, 'latin1')).map(({ name, contentType, bytes }) => [
    name,
    contentType,
    Buffer.from(bytes).toString('latin1'),
  ]);

describe('the parts of a reply', () => {
  it('are the whole body when it is no multipart', () => {
    expect(show('Application/X-NIfTI; version=1', 'abc')).toEqual([['', 'application/x-nifti', 'abc']]);
    expect(show('', 'abc')).toEqual([['', '', 'abc']]);
  });

  it('are those of a multipart body, with their names, forms and bytes as they are', () => {
    const body =
      'preamble\r\n--b\r\nContent-Disposition: form-data; name="mask"; filename="mask.nii"\r\nContent-Type: application/x-nifti; v=1\r\n\r\n\r\n--bb\n\u0000--\r\n' +
      '--b\r\ncontent-disposition: attachment; name="class"\r\n\r\n{}\r\n--b--\r\nepilogue';
    expect(show('multipart/mixed; boundary="b"', body)).toEqual([
      ['mask', 'application/x-nifti', '\r\n--bb\n\u0000--'],
      ['class', '', '{}'],
    ]);
    expect(show('multipart/mixed; BOUNDARY=b', '--b--')).toEqual([]);
  });

  it.each([
    ['names no boundary', 'multipart/mixed', ''],
    ['holds no boundary', 'multipart/mixed; boundary=b', 'abc'],
    ['is cut off', 'multipart/mixed; boundary=b', '--b\r\n'],
    ['is cut off', 'multipart/mixed; boundary=b', '--b\r\nA: b\r\n\r\nabc'],
  ])('are refused when the body %s', (what, type, body) => {
    expect(() => show(type, body)).toThrow(`the multipart reply ${what}.`);
  });
});
