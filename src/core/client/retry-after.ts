import type { ClientReply } from './exchange.js';

/** Nobody waits longer than this for a place: then the reply itself is the answer. */
const LONGEST_WAIT_MS = 60_000;

/**
 * How long a busy server (429 or 503) asks to wait, in milliseconds: its Retry-After in seconds or as a date. null when it asks
 * for nothing, or for more than a minute: such a request is not sent again.
 */
export function retryDelayMs({ status, headers }: Pick<ClientReply, 'status' | 'headers'>, now: number): number | null {
  const text = headers['retry-after'];
  if ((status !== 503 && status !== 429) || text === undefined) return null;
  const isDate = /[a-z]/i.test(text);
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(waitMs) || waitMs > LONGEST_WAIT_MS ? null : Math.max(0, waitMs);
}
