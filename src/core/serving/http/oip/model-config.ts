import type { ModelRuntime } from '../../model-runtime.js';
import { type TensorMetadata, tensorsOf } from './tensor-metadata.js';

function configTensor({ name, datatype, shape }: TensorMetadata): Record<string, unknown> {
  return { name, data_type: datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`, dims: shape };
}

export function platformOf(runtime: ModelRuntime): string {
  return runtime.handler === 'archive' ? 'python' : 'onnx_onnxv1';
}

/** The model configuration, as far as clients of the extension read it. A batch size of 0: shapes carry their batch axis. */
export function describeConfig(runtime: ModelRuntime): Record<string, unknown> {
  const { inputs, outputs } = tensorsOf(runtime.metadata);
  const kind = runtime.settings.device === 'cpu' ? 'KIND_CPU' : 'KIND_GPU';
  return {
    name: runtime.name,
    platform: platformOf(runtime),
    backend: runtime.handler === 'archive' ? 'python' : 'onnxruntime',
    max_batch_size: 0,
    input: inputs.map(configTensor),
    output: outputs.map(configTensor),
    instance_group: [{ name: runtime.name, kind, count: runtime.settings.minWorkers }],
    response_cache: { enable: false },
    parameters: {
      batch_size: { string_value: String(runtime.settings.batchSize) },
      max_batch_delay_ms: { string_value: String(runtime.settings.maxBatchDelayMs) },
    },
  };
}
