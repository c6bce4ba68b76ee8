import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** True when Python's glob would take the text as a pattern. */
export function hasGlob(text: string): boolean {
  return /[*?]/.test(text) || (text.includes('[') && text.includes(']'));
}

/** One path segment as a pattern: `*`, `?`, `[abc]`, `[!a-z]`, as fnmatch reads them. */
export function segmentPattern(segment: string): RegExp {
  let source = '';
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment[at]!;
    const close = char === '[' ? segment.indexOf(']', at + 2) : -1;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (close > 0) {
      const body = segment.slice(at + 1, close).replace(/[\\\]^]/g, '\\$&');
      source += body.startsWith('!') ? `[^${body.slice(1)}]` : `[${body}]`;
      at = close;
    } else source += char.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'u');
}

/** The paths that a pattern names, sorted; hidden names only when the pattern itself begins with a dot. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const isAbsolute = path.isAbsolute(pattern);
  let found = [isAbsolute ? path.parse(pattern).root : ''];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    const next: string[] = [];
    for (const folder of found) {
      if (!hasGlob(segment)) {
        next.push(path.join(folder, segment));
        continue;
      }
      const names = await readdir(folder === '' ? '.' : folder).catch(() => []);
      const matcher = segmentPattern(segment);
      for (const name of names.sort()) {
        if (matcher.test(name) && (!name.startsWith('.') || segment.startsWith('.')))
          next.push(path.join(folder, name));
      }
    }
    found = next;
  }
  return found.sort();
}
