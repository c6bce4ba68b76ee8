import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EisenError } from '../errors/error.js';
import type { OnnxGraph } from '../onnx/graph.js';
import { toContiguous } from '../tensor/contiguous.js';
import { type DType, isDType } from '../tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../tensor/ndarray.js';

/** A model ready to run. Running blocks the thread until it is done: sessions live in worker processes. */
export interface ModelSession {
  /** Names in, names out; arrays must have the graph's dtypes. Throws MODEL_FAILED or MODEL_OUT_OF_MEMORY. */
  run(feeds: ReadonlyMap<string, NdArray>): Promise<Map<string, NdArray>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  readonly graph: OnnxGraph;
  /** Threads inside of one operator: with several workers, cores divided by workers. */
  readonly threads: number;
  /** Folder in which the graph may name files with weights; none without it. */
  readonly weightsFolder?: string;
  /** Weights stay as they are in the file, shared between workers, instead of being laid out anew in memory. */
  readonly mapWeights?: boolean;
}

const RUNTIME_PREFIX = /^(?:Error: )*(?:\[ONNXRuntimeError\] : \d+ : [A-Z_]+ : )?/;

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(RUNTIME_PREFIX, '').split('\n')[0]!.slice(0, 500);
}

/** What a failed run means: MODEL_OUT_OF_MEMORY, or MODEL_FAILED in the engine's words. */
export function runError(cause: unknown): EisenError {
  const reason = reasonOf(cause);
  if (/allocate memory|bad_alloc/i.test(reason)) {
    return new EisenError('MODEL_OUT_OF_MEMORY', `The model ran out of memory: ${reason}`, { cause });
  }
  return new EisenError('MODEL_FAILED', `The model failed on this input: ${reason}`, {
    cause,
  });
}

/** Loads a graph. Throws MODEL_LOAD_FAILED in the words of ONNX Runtime. */
export async function createModelSession(model: Uint8Array, options: SessionOptions): Promise<ModelSession> {
  // The engine's builds report to their makers unless this is set before they load.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const runtime = await import('onnxruntime-node');
  const { graph, threads, weightsFolder, mapWeights = false } = options;
  const extra: Record<string, string> = {};
  if (weightsFolder !== undefined) extra['session.model_external_initializers_file_folder_path'] = weightsFolder;
  if (mapWeights) extra['session.disable_prepacking'] = '1';
  const settings: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: nest(extra),
  };
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(model, settings);
  } catch (cause) {
    throw new EisenError('MODEL_LOAD_FAILED', `The model cannot be loaded: ${reasonOf(cause)}`, { cause });
  }
  const names = graph.outputs.map((output) => output.name);
  return {
    run: async (feeds) => {
      const tensors: Record<string, Tensor> = {};
      for (const [name, array] of feeds) tensors[name] = toTensor(runtime.Tensor, array);
      let results: InferenceSession.OnnxValueMapType;
      try {
        results = await session.run(tensors);
      } catch (cause) {
        throw runError(cause);
      }
      return new Map(names.map((name) => [name, fromTensor(results[name] as Tensor, name)]));
    },
    release: () => session.release(),
  };
}

/** `a.b.c: x` as the nested object that the binding wants. */
function nest(flat: Record<string, string>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) {
    const parts = key.split('.');
    const last = parts.pop()!;
    let at = root;
    for (const part of parts) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return root;
}

type TensorClass = typeof import('onnxruntime-node').Tensor;

function toTensor(TensorOf: TensorClass, array: NdArray): Tensor {
  const { dtype, shape, data } = toContiguous(array, 'C');
  // The class is overloaded per dtype; our table pairs each dtype with the element type that it expects.
  return new TensorOf(dtype as 'float32', data as Float32Array, shape);
}

function fromTensor(tensor: Tensor, name: string): NdArray {
  if (!isDType(tensor.type)) {
    throw new EisenError('TENSOR_DTYPE', `output ${name}: the model gives ${tensor.type}; expected numbers.`, {
      where: name,
    });
  }
  return wrapNdArray(tensor.type as DType, tensor.dims, tensor.data as Float32Array);
}
