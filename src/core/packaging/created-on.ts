import { EisenError } from '../errors/error.js';

const two = (value: number): string => String(value).padStart(2, '0');

/** `DD/MM/YYYY HH:MM:SS` in UTC, the archiver's form without its local time. */
export function renderCreatedOn(date: Date): string {
  const day = `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${String(date.getUTCFullYear()).padStart(4, '0')}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/**
 * The date that goes into a manifest: SOURCE_DATE_EPOCH when it is set, else 1 January 1980, the date of the entries. The
 * clock is never asked, so that the same input gives the same bytes; throws USAGE for a value that is no number of seconds.
 */
export function createdOnFrom(env: Readonly<Record<string, string | undefined>>): string {
  const seconds = env['SOURCE_DATE_EPOCH'];
  if (seconds === undefined || seconds === '') return renderCreatedOn(new Date(Date.UTC(1980, 0, 1)));
  if (!/^\d{1,11}$/.test(seconds)) {
    throw new EisenError('USAGE', `SOURCE_DATE_EPOCH is '${seconds}'; expected seconds since 1970.`, {
      where: 'SOURCE_DATE_EPOCH',
    });
  }
  return renderCreatedOn(new Date(Number(seconds) * 1000));
}
