import type { Plain } from '../tensor/value.js';
import { CHAIN_FORMAT } from './chain.js';
import type { TransformDefinition } from './definition.js';
import type { JsonSchema } from './param.js';
import { TRANSFORMS } from './registry.js';

/** Every spelling of a transform that a chain may use. */
function spellings({ name, python, aliases = [] }: TransformDefinition): string[] {
  const names = [name, ...aliases];
  if (python === undefined) return names;
  const module = python.slice(0, python.lastIndexOf('.'));
  const packageName = module.slice(0, module.lastIndexOf('.'));
  return [...names, ...names.flatMap((each) => [`${module}.${each}`, `${packageName}.${each}`])];
}

function stepSchema(definition: TransformDefinition): JsonSchema {
  const entries = Object.entries(definition.params);
  const properties = Object.fromEntries(
    entries.map(([name, param]): [string, Plain] => {
      const described: Record<string, Plain> = { ...param.schema, description: param.doc };
      if (param.default !== undefined) described['default'] = plainDefault(param.default);
      return [name, described];
    }),
  );
  const required = entries.filter(([, param]) => param.default === undefined).map(([name]) => name);
  const names = { enum: spellings(definition) };
  return {
    title: definition.name,
    description: definition.summary,
    type: 'object',
    properties: {
      type: names,
      name: names,
      params: { type: 'object', properties, required, additionalProperties: false },
    },
    anyOf: [{ required: ['type'] }, { required: ['name'] }],
    required: required.length > 0 ? ['params'] : [],
    additionalProperties: false,
  };
}

/** A default as JSON: none of the parameter kinds keeps a Map as its default. */
const plainDefault = (value: unknown): Plain => JSON.parse(JSON.stringify(value)) as Plain;

/** The JSON Schema (2020-12) of every chain document that parseChain reads, made from the parameter tables. */
export function buildChainSchema(): JsonSchema {
  const steps = { type: 'array', items: { $ref: '#/$defs/step' } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Transform chain',
    description: 'A list of transforms, or the lists of an Eisen configuration.',
    oneOf: [
      { $ref: '#/$defs/steps' },
      {
        type: 'object',
        properties: {
          $schema: { type: 'string' },
          format: { const: CHAIN_FORMAT },
          compat: { const: 'eisen' },
          name: { type: 'string' },
          description: { type: 'string' },
          Readers: { $ref: '#/$defs/steps' },
          Transforms: { $ref: '#/$defs/steps' },
          PostTransforms: { $ref: '#/$defs/steps' },
        },
        anyOf: ['Readers', 'Transforms', 'PostTransforms'].map((key) => ({ required: [key] })),
        additionalProperties: false,
      },
    ],
    $defs: {
      steps,
      step: { oneOf: TRANSFORMS.map((definition) => ({ $ref: `#/$defs/${definition.name}` })) },
      ...Object.fromEntries(TRANSFORMS.map((definition) => [definition.name, stepSchema(definition)])),
    },
  };
}
