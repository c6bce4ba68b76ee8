import { describe, expect, it } from '@jest/globals';
import { parseManifest } from '../../../src/core/archive/parse-manifest.js';
import { codeOf } from '../../support/codes.js';

const parse = (text: string) => parseManifest(Buffer.from(text), 'x.mar');

describe('parseManifest', () => {
  it('reads what today’s archiver writes', () => {
    const model = {
      modelName: 'm',
      serializedFile: 'm.pt',
      handler: 'h.py',
      modelFile: 'm.py',
      modelVersion: '1.0',
      requirementsFile: 'r.txt',
      configFile: 'c.yaml',
    };
    const manifest = { createdOn: '22/11/2026 18:43:49', runtime: 'python', model, archiverVersion: '0.12.0' };
    expect(parse(JSON.stringify(manifest))).toEqual(manifest);
  });

  it('takes python for the runtime when none is named, numbers for versions and null for nothing', () => {
    expect(parse('{"model":{"modelName":"m","modelVersion":2,"modelFile":null}}')).toEqual({
      runtime: 'python',
      model: { modelName: 'm', modelVersion: '2' },
    });
  });

  it('leaves keys that it does not know alone', () => {
    expect(parse('{"engine":"X","model":{"extra":[1]}}')).toEqual({ runtime: 'python', model: {} });
  });

  it.each<[string, string]>([
    ['h', 'h'],
    ['h.py', 'h.py'],
    ['h:handle', 'h:handle'],
    ['h.py:handle', 'h.py:handle'],
    ['image_classifier', 'image_classifier'],
    ['lib/h.py', 'lib/h.py'],
  ])('accepts the handler %s', (handler, expected) => {
    expect(parse(JSON.stringify({ model: { handler } })).model.handler).toBe(expected);
  });

  it.each<[string, string]>([
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['a number', '1'],
    ['a model that is null', '{"model":null}'],
    ['a model that is a list', '{"model":[]}'],
    ['a name that is a number', '{"model":{"modelName":1}}'],
    ['a name that the archiver would refuse', '{"model":{"modelName":"../m"}}'],
    ['a name of 2,000 characters', JSON.stringify({ model: { modelName: 'm'.repeat(2000) } })],
    ['a line break in a version', '{"model":{"modelVersion":"1\\n2"}}'],
    ['a key that stands twice', '{"model":{"handler":"safe.py","handler":"evil.py"}}'],
    ['__proto__', '{"__proto__":{"runtime":"evil"}}'],
    ['constructor', '{"model":{"constructor":{}}}'],
    ['prototype behind an escape', '{"\\u0070rototype":1}'],
    ['10,000 levels', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['more than 1 MiB', JSON.stringify({ a: 'x'.repeat(1024 * 1024) })],
    ['bytes that are not UTF-8', '\ufffd{"\ud800":1}'],
    ['a handler with two colons', '{"model":{"handler":"h:a:b"}}'],
    ['a handler with a call', '{"model":{"handler":"h:os.system(1)"}}'],
  ])('refuses %s', (_title, text) => {
    expect(codeOf(() => parse(text))).toBe('MAR_MANIFEST');
  });

  it.each(['serializedFile', 'modelFile', 'handler', 'requirementsFile', 'configFile'])(
    'refuses a %s outside of the archive',
    (key) => {
      for (const value of ['../../etc/passwd', '/etc/passwd', 'a/../../b', '..\\x', '.hidden', 'con']) {
        expect(codeOf(() => parse(JSON.stringify({ model: { [key]: value } })))).toBe('MAR_MANIFEST_PATH');
      }
    },
  );

  it('keeps the prototype of objects as it was', () => {
    codeOf(() => parse('{"__proto__":{"polluted":1}}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
