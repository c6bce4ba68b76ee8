/** Header of a reply row that carries the worker's stage times to the server; the server takes it off. */
export const STAGES_HEADER = 'x-eisen-stages';

export interface Stages {
  readonly decode: number;
  readonly preProcess: number;
  readonly inference: number;
  readonly postProcess: number;
  readonly encode: number;
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Milliseconds with three digits, in the order of the road. */
export function renderStages({ decode, preProcess, inference, postProcess, encode }: Stages): string {
  return `${rounded(decode)},${rounded(preProcess)},${rounded(inference)},${rounded(postProcess)},${rounded(encode)}`;
}

function readMs(text: string | undefined): number | undefined {
  const ms = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(ms) ? ms : undefined;
}

/** The times by stage; undefined for what is no number. */
export function parseStages(text: string): {
  readonly decodeMs?: number;
  readonly preProcessMs?: number;
  readonly inferenceMs?: number;
  readonly postProcessMs?: number;
  readonly encodeMs?: number;
} {
  const [decode, preProcess, inference, postProcess, encode] = text.split(',', 5);
  return {
    decodeMs: readMs(decode),
    preProcessMs: readMs(preProcess),
    inferenceMs: readMs(inference),
    postProcessMs: readMs(postProcess),
    encodeMs: readMs(encode),
  };
}
