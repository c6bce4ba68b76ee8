import type { RunSample } from '../core/packaging/sample.js';

/** Answers the request of a sample in a worker process, as a server would. */
export const runSample: RunSample = async (archivePath, { headers, body }, signal) => {
  const { runLocally } = await import('../core/serving/pool/run-locally.js');
  return runLocally({
    ...{ archivePath, headers, signal },
    parameters: [{ ...body, value: [body.value] }],
  });
};

/** Lends a private folder, which is gone afterwards; those of killed runs are removed by the next one. */
export async function withScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const { createRunFolder } = await import('../core/serving/pool/run-folder.js');
  const folder = createRunFolder();
  try {
    return await work(folder.path);
  } finally {
    folder.remove();
  }
}
