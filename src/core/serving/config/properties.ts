import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/** Splits a text into logical lines: comments and blank lines dropped, `\` at a line's end joins the next line without its indent. */
function listLogicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  const natural = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < natural.length; i++) {
    let line = natural[i]!.replace(/^[ \t\f]+/, '');
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    const number = i + 1;
    while (endsWithOpenBackslash(line)) {
      line = line.slice(0, -1);
      if (i + 1 >= natural.length) break;
      i++;
      line += natural[i]!.replace(/^[ \t\f]+/, '');
    }
    lines.push({ line, number });
  }
  return lines;
}

function endsWithOpenBackslash(line: string): boolean {
  const slashes = /\\*$/.exec(line)![0].length;
  return slashes % 2 === 1;
}

/** The index at which the key ends: the first unescaped `=`, `:` or blank. */
function findKeyEnd(line: string): number {
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if ('=: \t\f'.includes(line[i]!)) return i;
  }
  return line.length;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function decodeEscapes(text: string, where: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{0,4}|.)/gs, (_, code: string) => {
    if (!code.startsWith('u')) return ESCAPES[code] ?? code;
    if (code.length < 5) {
      throw new EisenError('CONFIG_INVALID', `${where}: \\${code} is not a \\uXXXX escape; expected four hex digits.`, {
        where,
        expected: '\\u and four hex digits',
        found: `\\${code}`,
      });
    }
    return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  });
}

/**
 * Parses the text of a Java `.properties` file as java.util.Properties reads it: `#` and `!` comments, `key=value`, `key:value`
 * or `key value`, continuation lines, backslash escapes, `\uXXXX`; the last of several equal keys wins.
 * @param where the file's name, for messages
 * @throws EisenError CONFIG_INVALID for a damaged escape, LIMIT_EXCEEDED for a text over LIMITS.configFileBytes.
 */
export function parseProperties(text: string, where: string): Map<string, string> {
  if (text.length > LIMITS.configFileBytes) {
    throw new EisenError(
      'LIMIT_EXCEEDED',
      `${where}: ${text.length} characters; expected at most ${LIMITS.configFileBytes}. This is no configuration file.`,
      { where, expected: `<= ${LIMITS.configFileBytes}`, found: String(text.length) },
    );
  }
  const properties = new Map<string, string>();
  for (const { line, number } of listLogicalLines(text)) {
    const end = findKeyEnd(line);
    const value = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
    const place = `${where}, line ${number}`;
    properties.set(decodeEscapes(line.slice(0, end), place), decodeEscapes(value, place));
  }
  return properties;
}

function encodeEscapes(text: string, escapeBlanks: boolean): string {
  const escaped = text
    .replace(/[\\=:#!]/g, '\\$&')
    .replace(/\t/g, '\\t')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\f/g, '\\f')
    .replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
  return escapeBlanks ? escaped.replace(/ /g, '\\ ') : escaped.replace(/^ /, '\\ ');
}

/** Renders properties in the order given, as java.util.Properties stores them; `comment` becomes the first line. */
export function renderProperties(properties: ReadonlyMap<string, string>, comment?: string): string {
  const lines = [...properties].map(([key, value]) => `${encodeEscapes(key, true)}=${encodeEscapes(value, false)}\n`);
  return (comment === undefined ? '' : `#${comment}\n`) + lines.join('');
}
