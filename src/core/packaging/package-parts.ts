import type { Problem } from '../errors/problem.js';
import type { Metadata } from '../metadata/metadata.js';
import type { OnnxGraph } from '../onnx/graph.js';
import type { Chain } from '../transforms/chain.js';

/** The parts of a package that must fit each other. */
export interface PackageParts {
  readonly graph: OnnxGraph;
  readonly metadata: Metadata;
  readonly pre: Chain;
  readonly post: Chain;
}

/** A problem and the document that it is in. */
export interface PackageProblem extends Problem {
  readonly document: 'metadata.json' | 'pre-processing' | 'post-processing';
}
