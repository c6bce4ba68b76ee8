import type { MetricKind } from './metric-spec.js';

/** A number in the text form: always with a decimal point, as regexes of old dashboards ask for. */
export function renderNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}

/** Backslash, quote and line feed are the three signs that the text form quotes in a label value. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** `{a="1",b="2",}`: with the comma after the last label that clients of TorchServe have learnt to expect. */
export function renderLabels(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, at) => `${name}="${escapeLabel(values[at] ?? '')}",`).join('')}}`;
}

export interface FamilyFacts {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** All samples of one name. */
export interface Family {
  readonly name: string;
  /** The lines of the text form: HELP and TYPE also when there is no sample. */
  render(): string;
  readonly isEmpty: boolean;
  /** Drops the samples whose labels begin with these values: those of a model that has gone. */
  forget(...labelValues: readonly string[]): void;
}

/** What is measured under one combination of label values: a counter adds, a gauge keeps the last value, a histogram sorts. */
export interface Series {
  record(value: number): void;
}

export interface SeriesFamily extends Family {
  readonly labels: readonly string[];
  /** The series of these label values; made at zero when it is new. Keep it: finding it again costs more than using it. */
  at(...labelValues: readonly string[]): Series;
  /** The same for label values that nobody vouches for: undefined for new ones when there are `most` series already. */
  atMost(most: number, ...labelValues: readonly string[]): Series | undefined;
}

/** A series that can tell what it has recorded, as lines of the text form. */
export interface RenderedSeries extends Series {
  render(labelValues: readonly string[]): string;
}

/** A family of any kind: one series a combination of label values. */
export function createSeriesFamily(kind: MetricKind, facts: FamilyFacts, create: () => RenderedSeries): SeriesFamily {
  const made = new Map<string, { readonly values: readonly string[]; readonly series: RenderedSeries }>();
  const atMost = (most: number, ...values: readonly string[]): Series | undefined => {
    const key = values.join('\u0000');
    const known = made.get(key);
    if (known !== undefined || made.size >= most) return known?.series;
    const series = create();
    made.set(key, { values, series });
    return series;
  };
  return {
    name: facts.name,
    labels: facts.labels,
    atMost,
    at: (...values) => atMost(Number.POSITIVE_INFINITY, ...values)!,
    forget(...prefix) {
      for (const [key, { values }] of made) {
        if (prefix.every((value, at) => values[at] === value)) made.delete(key);
      }
    },
    get isEmpty() {
      return made.size === 0;
    },
    render() {
      const head = `# HELP ${facts.name} ${facts.help}\n# TYPE ${facts.name} ${kind}\n`;
      return head + [...made.values()].map(({ series, values }) => series.render(values)).join('');
    },
  };
}

/** A counter or a gauge. */
export function createSampleFamily(kind: 'counter' | 'gauge', facts: FamilyFacts): SeriesFamily {
  return createSeriesFamily(kind, facts, () => {
    let current = 0;
    return {
      record(value) {
        if (kind === 'gauge') current = value;
        // A counter never goes back: a rate over it would take that for a restart.
        else if (value > 0) current += value;
      },
      render: (values) => `${facts.name}${renderLabels(facts.labels, values)} ${renderNumber(current)}\n`,
    };
  });
}
