import type { JobTiming } from '../model-runtime.js';
import type { Series, SeriesFamily } from './family.js';
import { createHistogramFamily } from './histogram.js';

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

/** The histograms of one model version. */
export type ModelStages = Readonly<Record<Stage, Series>>;

export interface StageHistograms {
  readonly all: readonly SeriesFamily[];
  /** Made at zero when they are new, so that a rate over them is defined from the start. */
  of(name: string, version: string): ModelStages;
  forget(name: string, version: string): void;
}

export function createStageHistograms(): StageHistograms {
  const families = STAGES.map(([stage, what]) => {
    const name = `eisen_${stage}_seconds`;
    return [stage, createHistogramFamily({ name, help: `Seconds of a prediction: ${what}.`, labels: LABELS })] as const;
  });
  return {
    all: families.map(([, family]) => family),
    of: (name, version) =>
      Object.fromEntries(families.map(([stage, family]) => [stage, family.at(name, version)])) as ModelStages,
    forget(name, version) {
      for (const [, family] of families) family.forget(name, version);
    },
  };
}

/** A handler that does not tell its stages leaves them empty: a made-up zero would be read as fast. */
export function observeStages(stages: ModelStages, timing: JobTiming, totalMs: number): void {
  const { queueMs, decodeMs = 0, preProcessMs, inferenceMs, postProcessMs, encodeMs = 0 } = timing;
  stages.queue.record(queueMs / 1000);
  if (preProcessMs !== undefined) stages.pre_process.record((preProcessMs + decodeMs) / 1000);
  if (inferenceMs !== undefined) stages.inference.record(inferenceMs / 1000);
  if (postProcessMs !== undefined) stages.post_process.record((postProcessMs + encodeMs) / 1000);
  stages.total.record(totalMs / 1000);
}
