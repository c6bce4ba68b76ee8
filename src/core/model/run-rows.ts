import type { OnnxGraph } from '../onnx/graph.js';
import type { NdArray } from '../tensor/ndarray.js';
import { joinRows, splitRows } from './batch-axis.js';
import type { ModelSession } from './session.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** What the model made of one row, or why it did not; the time of a shared run is told to each row in it. */
export interface RowOutputs {
  readonly outputs?: Arrays;
  readonly error?: unknown;
  readonly elapsedMs: number;
}

async function runJoined(
  session: ModelSession,
  graph: OnnxGraph,
  feeds: readonly Arrays[],
): Promise<RowOutputs[] | null> {
  const joined = feeds.length > 1 ? joinRows(feeds, graph) : null;
  if (joined === null) return null;
  const start = performance.now();
  try {
    const rows = splitRows(await session.run(joined.feeds), joined);
    const elapsedMs = performance.now() - start;
    return rows === null ? null : rows.map((outputs) => ({ outputs, elapsedMs }));
  } catch {
    // Which row was to blame is found by running each alone.
    return null;
  }
}

/** Runs the model for every row: all at once where they fit together, else one after another. Never throws for a row. */
export async function runRows(options: {
  readonly session: ModelSession;
  readonly graph: OnnxGraph;
  readonly feeds: readonly Arrays[];
}): Promise<RowOutputs[]> {
  const { session, graph, feeds } = options;
  const together = await runJoined(session, graph, feeds);
  if (together !== null) return together;
  const results: RowOutputs[] = [];
  for (const feed of feeds) {
    const start = performance.now();
    try {
      const outputs = await session.run(feed);
      results.push({ outputs, elapsedMs: performance.now() - start });
    } catch (error) {
      results.push({ error, elapsedMs: performance.now() - start });
    }
  }
  return results;
}
