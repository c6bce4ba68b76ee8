// Plain statistics and a plain table for bench/run.mjs.

export function median(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Smallest to largest sample, three digits each. */
export function spread(samples) {
  const short = (value) => String(Number(value.toPrecision(3)));
  return `${short(Math.min(...samples))}…${short(Math.max(...samples))}`;
}

/** A Markdown table: one row an object, columns in the order of the first row's keys. */
export function renderTable(rows) {
  if (rows.length === 0) return '(nothing was measured)';
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => (value === undefined || value === null ? '' : String(value));
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => cell(row[column]).length)));
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (cells) =>
    `| ${cells.map((text, n) => (numeric[n] ? text.padStart(widths[n]) : text.padEnd(widths[n]))).join(' | ')} |`;
  return [
    line(columns),
    `|${columns.map((_, n) => (numeric[n] ? `${'-'.repeat(widths[n] + 1)}:` : '-'.repeat(widths[n] + 2))).join('|')}|`,
    ...rows.map((row) => line(columns.map((column) => cell(row[column])))),
  ].join('\n');
}
