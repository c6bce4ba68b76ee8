/** An ONNX graph of one Identity over a float32, 65 bytes. */
const SMALLEST_MODEL = Buffer.from(
  'CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZVoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE=',
  'base64',
);

/**
 * Loads the inference engine and has it set itself up, which it does with its first session: a model that comes later
 * waits for itself only. Rejects when the engine cannot be loaded.
 */
export async function prepareEngine(): Promise<void> {
  // The engine's builds report to their makers unless this is set before they load.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const { InferenceSession } = await import('onnxruntime-node');
  const session = await InferenceSession.create(SMALLEST_MODEL, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  await session.release();
}
