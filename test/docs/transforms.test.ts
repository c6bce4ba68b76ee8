import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseChain, readChain } from '../../src/core/transforms/chain.js';
import { buildChainSchema } from '../../src/core/transforms/chain-schema.js';
import { findTransform, TRANSFORMS, transformNames } from '../../src/core/transforms/registry.js';
import { renderTransformDocs } from '../../src/core/transforms/transform-docs.js';

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
