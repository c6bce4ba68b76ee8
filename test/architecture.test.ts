import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const SRC = path.join(ROOT, 'src');

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && statSync(path.join(folder, name)).isFile())
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g;

function readImports(file: string): string[] {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** The room of a source file: its folder under core/, or the top-level name. */
function roomOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] === 'core') return parts.length > 2 ? `core/${parts[1]}` : `core/${parts[1]!.replace('.ts', '')}`;
  return parts.length > 1 ? parts[0]! : parts[0]!.replace('.ts', '');
}

/** Which rooms a room may import from, beside itself. */
const MAY_IMPORT: Record<string, string[]> = {
  'core/errors': [],
  'core/limits': [],
  'core/files': ['core/errors', 'core/limits'],
  'core/tensor': ['core/errors', 'core/limits'],
  'core/onnx': ['core/errors', 'core/limits', 'core/files', 'core/tensor'],
  'core/metadata': ['core/errors', 'core/limits', 'core/tensor', 'core/onnx'],
  'core/archive': ['core/errors', 'core/limits', 'core/files', 'core/tensor', 'core/onnx', 'core/metadata'],
  'core/imaging': ['core/errors', 'core/limits', 'core/tensor'],
  'core/transforms': ['core/errors', 'core/limits', 'core/tensor', 'core/imaging'],
  'core/legacy': ['core/errors', 'core/limits', 'core/tensor', 'core/transforms'],
  'core/model': [
    'core/errors',
    'core/limits',
    'core/files',
    'core/tensor',
    'core/onnx',
    'core/metadata',
    'core/archive',
    'core/imaging',
    'core/transforms',
    'core/legacy',
  ],
  'core/serving': [
    'core/errors',
    'core/limits',
    'core/files',
    'core/tensor',
    'core/onnx',
    'core/metadata',
    'core/archive',
    'core/model',
    'core/transforms',
    'core/imaging',
    'version',
  ],
  'core/packaging': [
    'core/errors',
    'core/limits',
    'core/files',
    'core/tensor',
    'core/onnx',
    'core/metadata',
    'core/archive',
    'core/imaging',
    'core/transforms',
    'core/legacy',
    'core/model',
    'version',
  ],
  // legacy: the wire of eisen-deploy 0.0.2, whose handler understands nothing else.
  'core/client': ['core/errors', 'core/limits', 'core/tensor', 'core/metadata', 'core/legacy'],
};

/** Libraries with one importing room each. */
const ONE_IMPORTER: Record<string, string> = {
  yauzl: 'core/archive',
  'onnxruntime-node': 'core/model',
  yaml: 'core/serving',
  commander: 'cli',
  chalk: 'commands',
  ora: 'commands',
};

const files = listFiles(SRC, '.ts');
const edges = files.flatMap((file) =>
  readImports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => ({ from: file, to: path.posix.join(path.posix.dirname(file), name).replace(/\.js$/, '.ts') })),
);

describe('the architecture', () => {
  it('imports only in the allowed direction', () => {
    const wrong = edges.filter(({ from, to }) => {
      const [a, b] = [roomOf(from), roomOf(to)];
      if (a === b || a === 'cli' || a === 'index' || a === 'commands')
        return (b === 'cli' && a !== 'cli') || (a === 'commands' && b === 'index');
      return !(MAY_IMPORT[a] ?? []).includes(b);
    });
    expect(wrong).toEqual([]);
  });

  it('imports files that exist', () => {
    expect(edges.filter(({ to }) => !files.includes(to))).toEqual([]);
  });

  it('has no import cycles', () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      if (done.has(file) || trail.includes(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('lets one room import each library', () => {
    const wrong = files.flatMap((file) =>
      readImports(file)
        .filter((name) => ONE_IMPORTER[name] !== undefined && roomOf(file) !== ONE_IMPORTER[name])
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps every source file under 300 lines', () => {
    const long = files.filter((file) => readFileSync(path.join(SRC, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});
