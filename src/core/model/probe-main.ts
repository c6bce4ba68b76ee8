import { readFileSync } from 'node:fs';

/** Child process: reads one line of options and a graph from stdin, creates a session, tells the outcome as JSON. */
async function probe(): Promise<object> {
  const input = readFileSync(0);
  const line = input.indexOf(10);
  const { folder } = JSON.parse(input.toString('utf8', 0, line)) as { folder: string | null };
  const { InferenceSession } = await import('onnxruntime-node');
  const session = {
    disable_prepacking: '1',
    ...(folder === null ? {} : { model_external_initializers_file_folder_path: folder }),
  };
  try {
    const created = await InferenceSession.create(input.subarray(line + 1), {
      graphOptimizationLevel: 'basic',
      logSeverityLevel: 4,
      extra: { session },
    });
    return { inputs: created.inputNames, outputs: created.outputNames };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

process.stdout.write(`${JSON.stringify(await probe())}\n`);
