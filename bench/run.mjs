// npm run bench [-- name…] [--peers] [--quick] [--rows part] [--json file]
//
// Runs bench/<name>.mjs for the names given, else all of them, and prints one table each; the same figures go to a JSON
// file (.build/bench.json unless --json names another). A benchmark is a file with
//
//   export const title = 'what is compared with what';
//   export default async function ({ compare, measure, peers, quick, table, note, scratch, root }) { … }
//
//   compare({ name: async () => … , … }, { runs, warm, unit })   runs the candidates interleaved (a b c, a b c, …), so that
//       a slow minute of the machine hits all of them; gives { name: median } and prints median, spread and ratio to the first
//   measure(fn)          one timing of fn in milliseconds
//   table(rows, title)   prints rows (objects with the same keys) and keeps them in the JSON
//   note(text)           one line of honesty: what limits a figure, what was left out and why
//   peers                true when --peers was given: then the real other programs run beside ours
//   rows                 what --rows named: only that part of the benchmark is wanted (serve knows start, small, large, ping)
//   quick                true when --quick was given: fewer runs, for a look only
//   scratch              an empty folder, removed at the end;  root: the repository
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { median, renderTable, spread } from './table.mjs';

const root = path.resolve(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    json: { type: 'string', default: path.join(root, '.build', 'bench.json') },
  },
});

const known = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.mjs') && !['run.mjs', 'table.mjs'].includes(name) && !name.startsWith('_'))
  .map((name) => name.replace('.mjs', ''))
  .sort();
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`bench: no benchmark is called ${unknown.join(', ')}; there are ${known.join(', ')}\n`);
  process.exit(2);
}

const print = (text) => process.stdout.write(`${text}\n`);

async function measure(fn) {
  const start = performance.now();
  await fn();
  return performance.now() - start;
}

function createTools(report, scratch) {
  const table = (rows, title) => {
    report.tables.push({ title, rows });
    print(`${title}\n${renderTable(rows)}\n`);
  };
  const note = (text) => {
    report.notes.push(text);
    print(`note: ${text}`);
  };
  const compare = async (candidates, { runs = 7, warm = 1, unit = 'ms', title = 'compare' } = {}) => {
    const names = Object.keys(candidates);
    const rounds = values.quick ? Math.min(3, runs) : runs;
    for (let n = 0; n < warm; n += 1) for (const name of names) await candidates[name]();
    const samples = Object.fromEntries(names.map((name) => [name, []]));
    for (let n = 0; n < rounds; n += 1) {
      // A candidate that times itself returns its own figure; else its wall time counts.
      for (const name of names) {
        let own;
        const wall = await measure(async () => {
          own = await candidates[name]();
        });
        samples[name].push(typeof own === 'number' ? own : wall);
      }
    }
    const base = median(samples[names[0]]);
    const rows = names.map((name) => ({
      what: name,
      [unit]: Number(median(samples[name]).toPrecision(4)),
      spread: spread(samples[name]),
      ratio: Number((median(samples[name]) / base).toPrecision(3)),
    }));
    table(rows, `${title} (median of ${rounds}, interleaved)`);
    return Object.fromEntries(names.map((name) => [name, median(samples[name])]));
  };
  return { compare, measure, table, note, peers: values.peers, quick: values.quick, rows: values.rows, scratch, root };
}

const all = {
  when: new Date().toISOString(),
  node: process.version,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryBytes: totalmem() },
  benchmarks: [],
};
print(`node ${all.node}, ${all.machine.cores} cores, ${all.machine.cpu}\n`);

let failed = 0;
for (const name of positionals.length > 0 ? positionals : known) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'eisen-bench-'));
  const report = { name, tables: [], notes: [] };
  try {
    const bench = await import(`./${name}.mjs`);
    report.title = bench.title ?? name;
    print(`## ${name}: ${report.title}\n`);
    await bench.default(createTools(report, scratch));
  } catch (error) {
    failed += 1;
    report.error = String(error?.stack ?? error);
    print(`FAILED ${name}: ${report.error}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  all.benchmarks.push(report);
}

mkdirSync(path.dirname(values.json), { recursive: true });
writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
print(`figures: ${path.relative(process.cwd(), values.json)}`);
process.exitCode = failed > 0 ? 1 : 0;
