import { decodeEntryName } from './entry-name.js';
import { refuse, showText } from './refuse.js';

/** What a pax header may change about the entry after it. */
export interface PaxOverride {
  readonly name?: string;
  readonly bytes?: number;
}

const IGNORED = /^(mtime|atime|ctime|uid|gid|uname|gname|comment|SCHILY\..+|LIBARCHIVE\..+)$/;

function* records(bytes: Buffer, where: string): Generator<{ key: string; value: Buffer }> {
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(32, at);
    const digits = space < 0 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    const equals = bytes.indexOf(61, space);
    if (!/^[1-9]\d{0,5}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 10 || equals < 0 || equals >= end) {
      throw refuse('MAR_TAR_PAX', where, 'a pax header is damaged.');
    }
    yield { key: bytes.toString('latin1', space + 1, equals), value: bytes.subarray(equals + 1, end - 1) };
    at = end;
  }
}

/** Parses a pax header. A global one (`g`) may carry remarks, but neither names nor sizes. */
export function parsePax(bytes: Buffer, isGlobal: boolean, where: string): PaxOverride {
  const override: { name?: string; bytes?: number } = {};
  const seen = new Set<string>();
  for (const { key, value } of records(bytes, where)) {
    if (IGNORED.test(key)) continue;
    if (key === 'linkpath') throw refuse('MAR_LINK', where, 'a pax header names the target of a link.');
    if (isGlobal || seen.has(key) || (key !== 'path' && key !== 'size')) {
      throw refuse('MAR_TAR_PAX', where, `a pax header sets '${showText(key)}'.`);
    }
    seen.add(key);
    if (key === 'path') override.name = decodeEntryName(value, true, where);
    if (key === 'size') {
      const digits = value.toString('latin1');
      if (!/^\d{1,15}$/.test(digits))
        throw refuse('MAR_TAR_SIZE', where, `a pax header gives the size '${showText(digits)}'.`);
      override.bytes = Number(digits);
    }
  }
  return override;
}
