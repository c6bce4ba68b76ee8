import type { Metadata } from '../core/metadata/metadata.js';
import type { OnnxGraph } from '../core/onnx/graph.js';
import type { ArchiveReport } from '../core/packaging/check-archive.js';
import type { Plain } from '../core/tensor/value.js';

/** The steps of a chain with their parameters as written, in order. */
export type ShownChain = readonly { readonly type: string; readonly params: { readonly [name: string]: Plain } }[];

/** Of an archive; null for one that it does not carry as JSON. */
export interface ShownChains {
  readonly pre: ShownChain | null;
  readonly post: ShownChain | null;
}

/** What `metadata show` found, and where. */
export interface MetadataReport {
  readonly kind: 'onnx' | 'json' | 'server' | 'archive';
  readonly source: string;
  /** null for an archive that carries none. */
  readonly metadata: Metadata | null;
  /** For an archive: what it holds, every entry verified. */
  readonly archive?: ArchiveReport;
  readonly chains?: ShownChains;
  /** For a graph: what its file says beside inputs and outputs. */
  readonly model?: Pick<OnnxGraph, 'producer' | 'producerVersion' | 'opset' | 'nodeCount' | 'domains'>;
}
