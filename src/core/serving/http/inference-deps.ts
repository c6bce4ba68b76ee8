import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { Registry } from '../registry.js';
import type { HttpConfig } from './settings.js';

/** What the routes of the inference API work with. */
export interface InferenceDeps {
  readonly config: Pick<HttpConfig, 'maxRequestBytes'>;
  readonly registry: Registry;
  readonly metrics: ServerMetrics;
  readonly isDraining: () => boolean;
  /** True when every model that was asked for at the start answers. */
  readonly isReady: () => boolean;
}
