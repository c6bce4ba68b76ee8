/** Header of a reply row that carries the worker's stage times to the server; the server takes it off. */
export const STAGES_HEADER = 'x-eisen-stages';

const STAGES = ['decode', 'preProcess', 'inference', 'postProcess', 'encode'] as const;

export type Stages = { readonly [stage in (typeof STAGES)[number]]: number };

/** Milliseconds with three digits, in the order of the road. */
export function renderStages(stages: Stages): string {
  return STAGES.map((stage) => Math.round(stages[stage] * 1000) / 1000).join(',');
}

/** The times by stage name with the ending `Ms`; empty for anything that is no such header. */
export function parseStages(text: string): { readonly [stage: string]: number } {
  const times: { [stage: string]: number } = {};
  for (const [n, part] of text.split(',', STAGES.length).entries()) {
    const ms = Number(part);
    if (Number.isFinite(ms)) times[`${STAGES[n]}Ms`] = ms;
  }
  return times;
}
