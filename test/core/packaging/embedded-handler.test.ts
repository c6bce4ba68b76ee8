import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const FOLDER = new URL('../../../../src/core/packaging/python/', import.meta.url);
const SOURCES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.py'))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));

it('every Python file that imports the engine forbids it to report its use, before the import', () => {
  const importing = SOURCES.filter(({ text }) => /^\s*(import|from) onnxruntime/m.test(text));
  expect(importing.map(({ name }) => name)).toContain('eisen_deploy_model.py');
  for (const { name, text } of importing) {
    const forbids = text.indexOf('os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")');
    expect([name, forbids > 0 && forbids < text.search(/^\s*(import|from) onnxruntime/m)]).toEqual([name, true]);
  }
});

it.each(SOURCES)('$name opens no connection and reads no pickle', ({ text }) => {
  expect(text).not.toMatch(/^\s*(import|from) (socket|ssl|http|urllib|requests|subprocess|pickle|dill|marshal)\b/m);
});
