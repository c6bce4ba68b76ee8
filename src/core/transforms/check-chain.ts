import type { Problem } from '../errors/problem.js';
import type { Chain, ChainStep } from './chain.js';
import { followDType } from './dtype-rules.js';
import { createLedger, type FieldFacts, type LedgerState } from './field-ledger.js';
import { type PossibleShape, renderShape } from './possible-shapes.js';
import { describeShapes, followShapes } from './shape-rules.js';

export interface ChainReport {
  readonly problems: Problem[];
  /** The fields that stand at the end, in order, with what is known of them. */
  readonly fields: ReadonlyMap<string, FieldFacts>;
  /** Fields that the chain takes from outside. */
  readonly reads: ReadonlySet<string>;
  /** Fields that the chain makes or replaces and still has at the end. */
  readonly makes: ReadonlySet<string>;
  readonly drops: ReadonlySet<string>;
}

/** A stack of fields lies in another field than they do. */
function traceStack(
  state: LedgerState,
  { definition, params }: ChainStep,
  before: ReadonlyMap<string, FieldFacts>,
): void {
  if (definition.name !== 'StackImagesChannelwise') return;
  const { fields, dst_field, create_new_dim } = params as {
    fields: string[];
    dst_field: string;
    create_new_dim: boolean;
  };
  const { shapes: _shapes, dtype: _dtype, ...facts } = state.fields.get(dst_field)!;
  const known = state.doubted.has(fields[0]!) ? undefined : before.get(fields[0]!)?.shapes;
  const stacked = known?.shapes.map((shape) =>
    create_new_dim ? [fields.length, ...shape] : [null, ...shape.slice(1)],
  );
  state.fields.set(dst_field, stacked === undefined ? facts : { ...facts, shapes: { ...known!, shapes: stacked } });
}

/** Why no value of a shape can go through a step. */
function explainShape(transform: string, { axis }: ChainStep['params'], shape: PossibleShape): string {
  if (typeof axis === 'number' && (axis >= shape.length || axis < -shape.length))
    return `there is no axis ${axis} in ${shape.length} axes.`;
  return describeShapes(transform) ?? 'it takes another shape.';
}

/** Shapes and dtype of the fields that a step has replaced. Reports the shapes of which none can pass it. */
function traceArrays(state: LedgerState, step: ChainStep, before: ReadonlyMap<string, FieldFacts>): void {
  const { definition, params, pointer } = step;
  const { fields, new_fields: renamed } = params as { fields?: readonly string[]; new_fields?: readonly string[] };
  const isRename = definition.name === 'RenameFields';
  for (const [n, field] of (fields ?? []).entries()) {
    const target = isRename ? (renamed?.[n] ?? field) : field;
    const facts = state.fields.get(target);
    const old = state.doubted.has(field) ? undefined : before.get(field);
    if (facts === undefined || facts === before.get(target)) continue;
    const known = old?.shapes;
    const shapes = isRename ? known : followShapes(definition.name, params, known);
    const isImpossible = shapes?.shapes.length === 0;
    // What a step reads of an image are its scaled values.
    const dtype = isRename
      ? old?.dtype
      : followDType(definition.name, params, old?.kind === 'array' ? old.dtype : undefined);
    const { shapes: _shapes, dtype: _dtype, ...rest } = facts;
    state.fields.set(target, {
      ...rest,
      ...(shapes === undefined || isImpossible ? {} : { shapes }),
      ...(dtype === undefined ? {} : { dtype }),
    });
    if (!isImpossible || shapes.isOpen) continue;
    state.problems.push({
      ...{ code: 'CHAIN_INVALID', pointer },
      message: `${definition.name}: field '${field}' has the shape ${renderShape(known!.shapes[0]!)} here, with which this step fails: ${explainShape(definition.name, params, known!.shapes[0]!)}`,
    });
  }
}

/**
 * Follows the fields through a chain without any data: a field that no step leaves, a value of the wrong kind, a
 * shape that no step can take, a geometry that is needed after it was lost. `start` are the fields at the beginning; without it every field that is
 * needed counts as given.
 */
export function checkChain(chain: Chain, start?: ReadonlyMap<string, FieldFacts>): ChainReport {
  const state: LedgerState = {
    fields: new Map(start),
    needed: new Set(),
    made: new Set(),
    dropped: new Set(),
    doubted: new Set(),
    problems: [],
  };
  for (const step of chain.steps) {
    const { definition, params, pointer } = step;
    const place = { pointer, step: definition.name, where: chain.where };
    const before = new Map(state.fields);
    state.doubted.clear();
    definition.trace(createLedger(state, place, start === undefined), params);
    traceArrays(state, step, before);
    traceStack(state, step, before);
  }
  const { problems, fields, needed, made, dropped } = state;
  return { problems, fields, reads: needed, makes: made, drops: dropped };
}
