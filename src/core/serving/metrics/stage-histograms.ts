import type { JobReply } from '../model-runtime.js';
import { createHistogramFamily, type HistogramFamily } from './histogram.js';

const LABELS = ['model_name', 'model_version'] as const;

/** Our own families: how long each part of a prediction takes, so that percentiles can be had. */
const STAGES = [
  ['queue', 'waiting in the job queue'],
  ['pre_process', 'the pre-processing chain, decoding included'],
  ['inference', 'the inference engine'],
  ['post_process', 'the post-processing chain, encoding included'],
  ['total', 'from the complete request to the reply of the worker'],
] as const;

type Stage = (typeof STAGES)[number][0];

/** Where the timing of a reply tells each stage. */
const TIMING_KEYS: Readonly<Record<Exclude<Stage, 'total'>, readonly string[]>> = {
  queue: ['queueMs'],
  pre_process: ['preProcessMs', 'decodeMs'],
  inference: ['inferenceMs'],
  post_process: ['postProcessMs', 'encodeMs'],
};

/** The sum of the times that were told; undefined when the first was not. */
function sumOf(timing: JobReply['timing'], [first, ...rest]: readonly string[]): number | undefined {
  const start = timing[first!];
  return start === undefined ? undefined : rest.reduce((sum, key) => sum + (timing[key] ?? 0), start);
}

export interface StageHistograms {
  readonly all: readonly HistogramFamily[];
  /** Makes the series of a model at zero, so that a rate over them is defined from the start. */
  watch(name: string, version: string): void;
  forget(name: string, version: string): void;
  observe(
    model: { readonly name: string; readonly version: string },
    timing: JobReply['timing'],
    totalMs: number,
  ): void;
}

export function createStageHistograms(): StageHistograms {
  const families = STAGES.map(([stage, what]) => {
    const name = `eisen_${stage}_seconds`;
    return [stage, createHistogramFamily({ name, help: `Seconds of a prediction: ${what}.`, labels: LABELS })] as const;
  });
  return {
    all: families.map(([, family]) => family),
    watch(name, version) {
      for (const [, family] of families) family.at(name, version);
    },
    forget(name, version) {
      for (const [, family] of families) family.forget(name, version);
    },
    observe({ name, version }, timing, totalMs) {
      for (const [stage, family] of families) {
        const ms = stage === 'total' ? totalMs : sumOf(timing, TIMING_KEYS[stage]);
        // A handler that does not tell its stages leaves them empty: a made-up zero would be read as fast.
        if (ms !== undefined) family.at(name, version).observe(ms / 1000);
      }
    },
  };
}
