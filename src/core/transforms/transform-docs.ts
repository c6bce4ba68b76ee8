import type { TransformDefinition, TransformGroup } from './definition.js';
import type { Param } from './param.js';
import { TRANSFORMS } from './registry.js';
import { describeShapes } from './shape-rules.js';

const GROUPS: readonly (readonly [TransformGroup, string])[] = [
  ['reading and writing', 'Reading and writing'],
  ['geometry', 'Geometry'],
  ['intensity', 'Intensity'],
  ['shape', 'Shape'],
  ['prediction', 'Prediction'],
  ['labels', 'Labels'],
  ['fields', 'Fields'],
];

const INTRODUCTION = `# Transforms

A chain is a list of transforms, run one after the other over a dictionary of fields: the request before the model, the
request and the prediction after it. It is written in JSON as Eisen writes it:

\`\`\`json
[
  { "type": "LoadImage", "params": { "fields": ["image"] } },
  { "type": "eisen.transforms.imaging.MapValues", "params": { "fields": ["image"], "min_value": 0, "max_value": 1 } }
]
\`\`\`

- \`type\` is a name of this page, or the Python path of Eisen's own class. \`name\` in place of \`type\` is read too.
- The list may stand alone, or as \`Readers\`, \`Transforms\` and \`PostTransforms\` of \`{"format": "eisen-chain/1", …}\`.
- [chain.schema.json](chain.schema.json) is the JSON Schema of all this, for editors.
- Eisen's transforms give the bits of eisen-core 0.0.9 on numpy 1.26, nibabel, nilearn and SimpleITK. Numbers are read as
  floats: 5 is 5.0. They take arrays where Eisen takes arrays, so an image needs NiftiToNumpy before MapValues.
- The others take arrays and images alike, an image as its scaled float32 values.
- Geometry rides on the value: where its voxels lie in RAS+ millimetres, and the grid it was read on. Each entry says what
  becomes of it. \`package\` follows fields and geometry through both chains and refuses a chain that needs what was lost.
- \`Axes\` says what becomes of the axes of its fields: by these rules \`package\` holds both chains against the shapes of the
  model. Where it is missing, \`package\` knows nothing of the shape from there on.
- Arrays of the caller are never changed.

This page is made from the parameter tables by \`npm run docs\`; a test holds it against them.
`;

function describeDefault({ default: fallback }: Param<unknown>): string {
  return fallback === undefined ? 'required' : `\`${JSON.stringify(fallback)}\``;
}

/** A pipe ends a table cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

function renderTransform({ name, python, aliases, summary, notes, params, example }: TransformDefinition): string {
  const lines = [`### ${name}`, '', summary];
  if (notes !== undefined) lines.push('', notes);
  const shapes = describeShapes(name);
  if (shapes !== undefined) lines.push('', `Axes: ${shapes}`);
  if (python !== undefined) lines.push('', `Eisen: \`${python}\``);
  if (aliases !== undefined) lines.push('', `Also read as ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  lines.push('', '| parameter | default | what it is | expected |', '|---|---|---|---|');
  for (const [key, param] of Object.entries(params)) {
    lines.push(`| \`${key}\` | ${describeDefault(param)} | ${cell(param.doc)} | ${cell(param.expected)} |`);
  }
  const step = JSON.stringify({ type: python ?? name, params: example }, null, 1).replaceAll(/\n\s*/g, ' ');
  lines.push('', '```json', step, '```', '');
  return lines.join('\n');
}

/** The documentation of every transform as Markdown. */
export function renderTransformDocs(): string {
  const sections = GROUPS.map(([group, title]) => {
    const members = TRANSFORMS.filter((definition) => definition.group === group);
    return `## ${title}\n\n${members.map(renderTransform).join('\n')}`;
  });
  const contents = GROUPS.map(([group, title]) => {
    const names = TRANSFORMS.filter((definition) => definition.group === group).map(
      ({ name }) => `[${name}](#${name.toLowerCase()})`,
    );
    return `- **${title}**: ${names.join(', ')}`;
  });
  return `${INTRODUCTION}\n${contents.join('\n')}\n\n${sections.join('\n')}`.trimEnd().concat('\n');
}
