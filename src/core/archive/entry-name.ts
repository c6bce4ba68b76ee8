import { LIMITS } from '../limits.js';
import { refuse, showText } from './refuse.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** What a segment may consist of: these of ASCII, and beyond it any character that can be seen. */
const SEGMENT = /^(?:[A-Za-z0-9._ +=@,()[\]-]|[^\p{ASCII}\p{C}\p{Z}\p{Default_Ignorable_Code_Point}])+$/u;
/** The same for names within ASCII, most of them: the tables behind Unicode classes take milliseconds to build. */
const ASCII_SEGMENT = /^[A-Za-z0-9._ +=@,()[\]-]+$/;
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Decodes the bytes of an entry name. Without the UTF-8 flag Python reads bytes above 127 as code page 437 and Java as
 * UTF-8, so such a name would be two names.
 */
export function decodeEntryName(bytes: Uint8Array, isUtf8: boolean, where: string): string {
  if (bytes.length > LIMITS.archiveNameBytes + 1) {
    throw refuse(
      'MAR_NAME_TOO_LONG',
      where,
      `an entry name has ${bytes.length} bytes; at most ${LIMITS.archiveNameBytes} are accepted.`,
    );
  }
  if (!isUtf8 && bytes.some((byte) => byte > 127)) {
    throw refuse('MAR_NAME_ENCODING', where, 'an entry name has bytes above 127 but is not marked as UTF-8.');
  }
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw refuse('MAR_NAME_ENCODING', where, 'an entry name is not valid UTF-8.', { cause });
  }
}

/** Checks the name of a file entry (without a closing slash); throws the code of the first rule that it breaks. */
export function checkEntryName(name: string, where: string): void {
  const at = `${where}: entry '${showText(name)}'`;
  if (name === '') throw refuse('MAR_NAME_EMPTY', where, 'an entry has no name.');
  const nameBytes = ENCODER.encode(name).length;
  const isAscii = nameBytes === name.length;
  if (nameBytes > LIMITS.archiveNameBytes) {
    throw refuse('MAR_NAME_TOO_LONG', at, `the name is longer than ${LIMITS.archiveNameBytes} bytes.`);
  }
  if (/\p{Cc}/u.test(name)) throw refuse('MAR_NAME_CONTROL', at, 'the name holds a control character.');
  if (!isAscii && INVISIBLE.test(name))
    throw refuse('MAR_NAME_INVISIBLE', at, 'the name holds an invisible or direction-changing character.');
  if (name.includes('\\'))
    throw refuse('MAR_NAME_BACKSLASH', at, 'the name holds a backslash, a separator on Windows.');
  if (/^[A-Za-z]:/.test(name)) throw refuse('MAR_NAME_DRIVE', at, 'the name begins with a drive letter.');
  if (name.startsWith('/')) throw refuse('MAR_NAME_ABSOLUTE', at, 'the name is an absolute path.');
  if (name.normalize('NFC') !== name) throw refuse('MAR_NAME_NOT_NFC', at, 'the name is not in Unicode normal form C.');
  const segments = name.split('/');
  if (segments.includes('..')) throw refuse('MAR_NAME_TRAVERSAL', at, "the name has a '..' segment.");
  if (segments.some((segment) => segment === '' || segment === '.')) {
    throw refuse('MAR_NAME_SEGMENT', at, "the name has an empty or '.' segment.");
  }
  if (segments.length > LIMITS.archiveDepth) {
    throw refuse(
      'MAR_NAME_TOO_DEEP',
      at,
      `the name has ${segments.length} levels; at most ${LIMITS.archiveDepth} are accepted.`,
    );
  }
  for (const segment of segments) {
    if (/^[. ]|[. ]$/.test(segment)) {
      throw refuse('MAR_NAME_EDGE', at, `the segment '${showText(segment)}' begins or ends with a dot or a space.`);
    }
    if (DEVICE.test(segment)) throw refuse('MAR_NAME_DEVICE', at, `'${showText(segment)}' is a device on Windows.`);
    if (!(isAscii ? ASCII_SEGMENT : SEGMENT).test(segment)) {
      throw refuse('MAR_NAME_CHARACTER', at, 'the name holds a character that is not accepted.', {
        expected: 'letters, digits and . _ - + = @ , ( ) [ ] and inner spaces',
      });
    }
  }
}

/** Two names with the same key would be one file on some file system: letter case and compatibility forms fall together. */
export function foldEntryName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
