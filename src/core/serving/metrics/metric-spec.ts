export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** What a metrics file, or the list that stands for the peer's own one, says of a metric. */
export interface MetricSpec {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  /** In the order in which values are given for them; the host's name is the last one of a model's metric. */
  readonly labels: readonly string[];
  /** Who measures it: the server itself, or a handler, whose worker reports it. */
  readonly section: 'server' | 'model';
}

/** As the text form of Prometheus has them. */
export const METRIC_NAME = /^[A-Za-z_:][\w:]{0,99}$/;
export const LABEL_NAME = /^(?!__)[A-Za-z_]\w{0,99}$/;
