import { inferMetadata } from '../../src/core/metadata/infer-metadata.js';
import type { Metadata } from '../../src/core/metadata/metadata.js';
import type { OnnxGraph, OnnxValue } from '../../src/core/onnx/graph.js';
import type { PackageParts } from '../../src/core/packaging/package-parts.js';
import { parseChain } from '../../src/core/transforms/chain.js';

export interface Step {
  readonly type: string;
  readonly params?: object;
}

type Shapes = Readonly<Record<string, readonly number[] | null>>;

interface PartsOptions {
  /** Shapes of the inputs and the outputs of the graph by name, float32 all of them. */
  readonly inputs: Shapes;
  readonly outputs: Shapes;
  readonly pre?: readonly Step[];
  readonly post?: readonly Step[];
  /** That of the graph when it is left out. */
  readonly metadata?: Metadata | undefined;
}

const valuesOf = (shapes: Shapes): OnnxValue[] =>
  Object.entries(shapes).map(([name, shape]) => ({
    ...{ name, shape, dtype: 'float32', onnxType: 'float', symbols: (shape ?? []).map(() => null) },
  }));

/** A graph that was never written, the chains of two lists of steps, and metadata: what a package is checked from. */
export function packageParts({ inputs, outputs, pre = [], post = [], metadata }: PartsOptions): PackageParts {
  const graph: OnnxGraph = {
    ...{ inputs: valuesOf(inputs), outputs: valuesOf(outputs), opset: 17, producer: '', producerVersion: '' },
    ...{ nodeCount: 1, domains: ['ai.onnx'], externalData: [], initializers: [], operators: [], opsets: [] },
    ...{ irVersion: 8, graphName: '', metadataProps: new Map() },
  };
  return {
    graph,
    metadata: metadata ?? inferMetadata(graph),
    pre: parseChain(pre, 'pre.json', 'pre'),
    post: parseChain(post, 'post.json', 'post'),
  };
}
