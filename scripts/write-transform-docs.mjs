// Writes docs/transforms.md and docs/chain.schema.json from the parameter tables. Run `npm run docs` after a build.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildChainSchema } from '../dist/core/transforms/chain-schema.js';
import { renderTransformDocs } from '../dist/core/transforms/transform-docs.js';

const docs = path.resolve(import.meta.dirname, '..', 'docs');
writeFileSync(path.join(docs, 'transforms.md'), renderTransformDocs());
writeFileSync(path.join(docs, 'chain.schema.json'), `${JSON.stringify(buildChainSchema(), null, 1)}\n`);
