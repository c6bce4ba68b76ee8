import type { TransformDefinition } from './definition.js';
import { EISEN_TRANSFORMS } from './eisen/table.js';
import { OWN_TRANSFORMS } from './own-table.js';

/** Every transform there is, in the order of the documentation. */
export const TRANSFORMS: readonly TransformDefinition[] = [...EISEN_TRANSFORMS, ...OWN_TRANSFORMS];

const byName = new Map<string, TransformDefinition>();
for (const definition of TRANSFORMS) {
  for (const name of [definition.name, ...(definition.aliases ?? [])]) byName.set(name, definition);
}

/** Python modules whose classes the dotted names may name; a class of another module is another thing. */
const MODULES = new Set(['eisen.transforms', 'eisen.io', 'eisen_deploy.transforms']);

/** The transform of a bare class name or of a dotted Python path. */
export function findTransform(type: string): TransformDefinition | undefined {
  const dot = type.lastIndexOf('.');
  if (dot < 0) return byName.get(type);
  const definition = byName.get(type.slice(dot + 1));
  const module = type.slice(0, dot).split('.').slice(0, 2).join('.');
  return MODULES.has(module) ? definition : undefined;
}

export function transformNames(): string[] {
  return [...byName.keys()];
}
