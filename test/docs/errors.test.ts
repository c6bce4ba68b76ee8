import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EisenError, isEisenError } from '../../src/core/errors/error.js';
import { ERROR_TABLE, type ErrorCode } from '../../src/core/errors/table.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const codes = Object.keys(ERROR_TABLE) as ErrorCode[];

describe('the error table', () => {
  it('is what docs/errors.md lists, code by code (else run `npm run docs`)', () => {
    const text = readFileSync(path.join(ROOT, 'docs', 'errors.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `([A-Z0-9_]+)` \| (\d+) \| (\d+) \| (.+) \|$/gm)].map((row) =>
      row.slice(1, 5),
    );
    const wanted = [...codes].sort().map((code) => {
      const { http, exit, means } = ERROR_TABLE[code];
      return [code, String(http), String(exit), means];
    });
    expect(listed).toEqual(wanted);
  });

  it('holds no code that nothing throws', () => {
    const src = path.join(ROOT, 'src');
    const text = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes(path.join('errors', 'codes')))
      .map((name) => readFileSync(path.join(src, name), 'utf8'))
      .join('\n');
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });

  it('gives each code an HTTP status of an error and a meaning of one line', () => {
    for (const code of codes) {
      expect(ERROR_TABLE[code].http).toBeGreaterThanOrEqual(400);
      expect(ERROR_TABLE[code].http).toBeLessThan(600);
      expect(ERROR_TABLE[code].means).toMatch(/^[^A-Z\n].*[^.]$/);
    }
  });
});

describe('an error', () => {
  it('takes its status and exit code from the table and keeps its cause', () => {
    const cause = new Error('inner');
    const error = new EisenError('DISK_FULL', 'x', { where: 'here', cause });
    expect([error.httpStatus, error.exitCode, error.cause, error.details]).toEqual([507, 75, cause, { where: 'here' }]);
    expect(isEisenError(error)).toBe(true);
    expect(isEisenError(cause)).toBe(false);
    expect(new EisenError('INTERNAL', 'x').cause).toBeUndefined();
  });
});
