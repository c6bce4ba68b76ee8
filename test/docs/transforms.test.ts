import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseChain, readChain } from '../../src/core/transforms/chain.js';
import { buildChainSchema } from '../../src/core/transforms/chain-schema.js';
import { findTransform, TRANSFORMS, transformNames } from '../../src/core/transforms/registry.js';
import { renderTransformDocs } from '../../src/core/transforms/transform-docs.js';
import { readGolden } from '../support/golden.js';

const DOCS = path.resolve(import.meta.dirname, '..', '..', '..', 'docs');
const read = (name: string): string => readFileSync(path.join(DOCS, name), 'utf8');

describe('the documentation of the transforms', () => {
  const text = read('transforms.md');

  it('is what the parameter tables give (else run `npm run docs`)', () => {
    expect(text).toBe(renderTransformDocs());
  });

  it('shows only chains that are good', () => {
    const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1]!) as unknown);
    expect(examples).toHaveLength(TRANSFORMS.length + 1);
    for (const example of examples) {
      const { problems } = readChain(Array.isArray(example) ? example : [example], 'docs/transforms.md');
      expect(problems).toEqual([]);
    }
  });

  it('has an entry for each transform', () => {
    for (const { name } of TRANSFORMS) expect(text).toContain(`\n### ${name}\n`);
  });
});

/** Transforms without a golden case, and the test that proves each of them instead. */
const PROVEN_ELSEWHERE: Readonly<Record<string, string>> = {
  LoadImage: 'core/imaging/decode-image.test.ts',
  LoadDICOMFromFilename: 'core/transforms/load/files.test.ts',
  LoadPILImageFromFilename: 'core/transforms/load/files.test.ts',
  WriteNiftiToFile: 'core/transforms/load/files.test.ts',
  WriteNifti: 'core/imaging/nifti/write.test.ts',
  WriteNPY: 'core/transforms/load/files.test.ts',
  PilToNumpy: 'core/transforms/load/pictures.test.ts',
  GetContent: 'core/transforms/load/pictures.test.ts',
  Orientation: 'core/transforms/geometry/round-trip.test.ts',
  Squeeze: 'core/transforms/geometry/grids.test.ts',
  TopK: 'core/transforms/prediction/top-k.test.ts',
  LabelStatistics: 'core/transforms/labels/label-statistics.test.ts',
  CompositeOverlay: 'core/transforms/labels/composite-overlay.test.ts',
};

describe('the page of golden cases', () => {
  const text = read('golden.md');
  const rows = new Map([...text.matchAll(/^\| (\S+) \| (\d+) \|$/gm)].map(([, name, count]) => [name!, Number(count)]));

  it('counts what the files hold (else run `npm run docs`)', () => {
    const files = [...rows].filter(([name]) => name.endsWith('.golden.gz'));
    expect(files.length).toBeGreaterThan(10);
    for (const [name, count] of files) {
      const [room, file] = name.split('/') as [string, string];
      expect({ name, count: readGolden(file.replace('.golden.gz', ''), room).length }).toEqual({ name, count });
    }
  });

  it.each(TRANSFORMS.map(({ name }) => name))('has cases of %s, or another test proves it', (name) => {
    const other = PROVEN_ELSEWHERE[name];
    if (rows.has(name)) expect(rows.get(name)).toBeGreaterThan(10);
    else
      expect(readFileSync(path.join(DOCS, '..', 'test', String(other)), 'utf8')).toContain(
        name === 'LoadImage' ? 'decodeImage' : name === 'WriteNifti' ? 'encodeNifti' : name,
      );
  });
});

describe('the JSON Schema of chains', () => {
  const schema = JSON.parse(read('chain.schema.json')) as {
    $defs: Record<
      string,
      { properties?: { type: { enum: string[] }; params: { properties: object; required: string[] } } }
    >;
  };

  it('is what the parameter tables give (else run `npm run docs`)', () => {
    expect(schema).toEqual(buildChainSchema());
  });

  it('knows every spelling of every transform, and no other', () => {
    for (const definition of TRANSFORMS) {
      for (const spelling of schema.$defs[definition.name]!.properties!.type.enum) {
        expect(findTransform(spelling)).toBe(definition);
      }
    }
    expect(transformNames().length).toBeGreaterThanOrEqual(TRANSFORMS.length);
  });

  it('asks for the parameters that the parser asks for', () => {
    for (const { name, params, example } of TRANSFORMS) {
      const { required } = schema.$defs[name]!.properties!.params;
      const parsed = parseChain([{ type: name, params: example }], name).steps[0]!;
      expect(Object.keys(parsed.params)).toEqual(Object.keys(params));
      for (const missing of required) {
        const rest = Object.fromEntries(Object.entries(example).filter(([key]) => key !== missing));
        expect(readChain([{ type: name, params: rest }], name).problems[0]!.message).toContain(
          `'${missing}' is missing`,
        );
      }
    }
  });
});

describe('the names of the transforms', () => {
  it('are used once', () => {
    const names = TRANSFORMS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });
});
