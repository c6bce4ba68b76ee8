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
}

/** Keeps a sample a combination of label values. A caller bounds how many there can be. */
export function createLabelled<Item>(facts: FamilyFacts, create: () => Item) {
  const items = new Map<string, { readonly values: readonly string[]; readonly item: Item }>();
  return {
    at(...values: readonly string[]): Item {
      const key = values.join('\u0000');
      const known = items.get(key);
      if (known !== undefined) return known.item;
      const item = create();
      items.set(key, { values, item });
      return item;
    },
    forget(...prefix: readonly string[]): void {
      for (const [key, { values }] of items) {
        if (prefix.every((value, at) => values[at] === value)) items.delete(key);
      }
    },
    get size(): number {
      return items.size;
    },
    render(type: string, renderItem: (item: Item, values: readonly string[]) => string): string {
      const head = `# HELP ${facts.name} ${facts.help}\n# TYPE ${facts.name} ${type}\n`;
      return head + [...items.values()].map(({ item, values }) => renderItem(item, values)).join('');
    },
  };
}

function createSample(type: 'counter' | 'gauge') {
  const state = { value: 0 };
  return {
    state,
    record(value: number): void {
      if (type === 'gauge') state.value = value;
      // A counter never goes back: a rate over it would take that for a restart.
      else if (value > 0) state.value += value;
    },
  };
}

/** A counter or a gauge. */
export function createSampleFamily(type: 'counter' | 'gauge', facts: FamilyFacts): SeriesFamily {
  const labelled = createLabelled(facts, () => createSample(type));
  return {
    name: facts.name,
    labels: facts.labels,
    at: labelled.at,
    forget: labelled.forget,
    get isEmpty() {
      return labelled.size === 0;
    },
    render: () =>
      labelled.render(
        type,
        ({ state }, values) => `${facts.name}${renderLabels(facts.labels, values)} ${renderNumber(state.value)}\n`,
      ),
  };
}
