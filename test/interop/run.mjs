// npm run test:interop: makes the pinned Python environment of the peers, runs every test that needs them, prints what ran
// with which versions. With --docs the table goes into docs/interop.md as well. Ends with an error where Python 3.11 or
// newer (below 3.13) or Java is missing: a run that proves nothing must not look like one that does.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const HERE = path.join(ROOT, 'test', 'interop');
const HOME = path.join(ROOT, '.interop');
const VENV = path.join(HOME, 'venv');
const BIN = path.join(VENV, 'bin');
const OLD_ARCHIVER = path.join(HOME, 'archiver-0.1.1');
const NUMPY2 = path.join(HOME, 'numpy2');
const GOLDEN = path.join(HOME, 'originals');
const GOLDEN_PYTHON = path.join(GOLDEN, 'bin', 'python');
const GOLDEN_REQUIREMENTS = ['transforms', 'dicom'].map((folder) =>
  path.join(ROOT, 'fixtures', 'golden', folder, 'requirements.txt'),
);
const REQUIREMENTS = [
  'requirements.txt',
  'requirements-no-deps.txt',
  'requirements-old-archiver.txt',
  'requirements-numpy2.txt',
];

function fail(message) {
  process.stderr.write(`test:interop: ${message}\n`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  return { status: done.error ? -1 : done.status, text: `${done.stdout ?? ''}${done.stderr ?? ''}` };
}

function must(command, args, options) {
  const done = run(command, args, options);
  if (done.status !== 0) fail(`${path.basename(command)} ${args.join(' ')} failed:\n${done.text.slice(-4000)}`);
  return done.text;
}

function findPython() {
  const script = 'import sys; assert (3, 11) <= sys.version_info < (3, 13); print(sys.version.split()[0])';
  for (const name of [process.env.EISEN_INTEROP_PYTHON, 'python3.11', 'python3.12', 'python3'].filter(Boolean)) {
    const { status, text } = run(name, ['-c', script]);
    if (status === 0) return { name, version: text.trim() };
  }
  return fail('no Python 3.11 or 3.12 found; install one, or name it in EISEN_INTEROP_PYTHON.');
}

function findJava() {
  const { status, text } = run('java', ['-version']);
  if (status !== 0) fail('no Java found; TorchServe needs Java 17 (for example openjdk-17-jre-headless).');
  return /"([^"]+)"/.exec(text)?.[1] ?? text.split('\n')[0];
}

/** Installs what the requirement files pin; a second run finds the environment ready. */
function prepare(python) {
  const hash = createHash('sha256').update(python.version);
  for (const file of REQUIREMENTS) hash.update(readFileSync(path.join(HERE, file)));
  for (const file of GOLDEN_REQUIREMENTS) hash.update(readFileSync(file));
  const mark = path.join(HOME, 'installed');
  const wanted = hash.digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  process.stdout.write('Installing the pinned peers into .interop/ …\n');
  for (const folder of [VENV, GOLDEN, OLD_ARCHIVER, NUMPY2, mark]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  must(python.name, ['-m', 'venv', VENV]);
  const pip = (...args) => must(path.join(BIN, 'python'), ['-m', 'pip', 'install', '--quiet', ...args], { cwd: HERE });
  pip('-r', 'requirements.txt');
  pip('--no-deps', '-r', 'requirements-no-deps.txt');
  pip('--no-deps', '--target', OLD_ARCHIVER, '-r', 'requirements-old-archiver.txt');
  pip('--no-deps', '--target', NUMPY2, '-r', 'requirements-numpy2.txt');
  // The imaging originals want libraries that the serving ones do not; eisen-core must not bring its torch along.
  must(python.name, ['-m', 'venv', GOLDEN]);
  must(GOLDEN_PYTHON, ['-m', 'pip', 'install', '--quiet', ...GOLDEN_REQUIREMENTS.flatMap((file) => ['-r', file])]);
  must(GOLDEN_PYTHON, ['-m', 'pip', 'install', '--quiet', '--no-deps', 'eisen-core==0.0.9']);
  writeFileSync(mark, wanted);
}

function versionsOf(python, java) {
  const names = REQUIREMENTS.flatMap((file) => readFileSync(path.join(HERE, file), 'utf8').split('\n'))
    .filter((line) => line.includes('=='))
    .map((line) => line.replace('==', ' '));
  const node = `Node ${process.versions.node}`;
  return [node, `Python ${python.version}`, `Java ${java}`, ...names];
}

const KEPT = '<!-- run -->';

function renderTable(report, versions) {
  const rows = report.testResults.map(({ name, assertionResults, startTime, endTime }) => {
    const passed = assertionResults.filter(({ status }) => status === 'passed').length;
    const seconds = ((endTime - startTime) / 1000).toFixed(0);
    return `| ${path.basename(name, '.test.js')} | ${assertionResults.length} | ${passed} | ${seconds} |`;
  });
  const total = `| all | ${report.numTotalTests} | ${report.numPassedTests} | |`;
  return [
    `Run with ${versions.join(', ')}.`,
    '',
    '| suite | tests | passed | seconds |',
    '|---|---|---|---|',
    ...rows.sort(),
    total,
  ].join('\n');
}

const python = findPython();
const java = findJava();
prepare(python);
const options = process.argv.slice(2);
const patterns = options.filter((option) => !option.startsWith('--'));
must(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], { cwd: ROOT });
must(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.test.json'], { cwd: ROOT });
const output = path.join(HOME, 'report.json');
const jest = [
  'node_modules/jest/bin/jest.js',
  '--config',
  'test/interop/jest.config.js',
  '--json',
  '--outputFile',
  output,
];
const { status } = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', ...jest, ...patterns], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    EISEN_INTEROP_BIN: BIN,
    EISEN_INTEROP_OLD_ARCHIVER: OLD_ARCHIVER,
    EISEN_INTEROP_NUMPY2: NUMPY2,
    GOLDEN_PYTHON,
    // No compiled files beside the handler that archives carry.
    PYTHONDONTWRITEBYTECODE: '1',
  },
});
if (!existsSync(output)) fail('the tests did not run.');
const table = renderTable(JSON.parse(readFileSync(output, 'utf8')), versionsOf(python, java));
process.stdout.write(`\n${table}\n`);
if (options.includes('--docs')) {
  const file = path.join(ROOT, 'docs', 'interop.md');
  const [before, , after] = readFileSync(file, 'utf8').split(KEPT);
  writeFileSync(file, `${before}${KEPT}\n${table}\n${KEPT}${after}`);
}
process.exitCode = status === 0 ? 0 : 1;
