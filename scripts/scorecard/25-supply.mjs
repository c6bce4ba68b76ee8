import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { addLoop, createSite, EISEN_DEPLOY, launch } from './lib-server.mjs';
import { notRun, ROOT } from './lib-tools.mjs';

/** A command line that runs its rest where no other machine can be reached. */
const WITHOUT_NETWORK = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up 2>/dev/null; exec "$@"', 'sh'];

function npm(...args) {
  const { stdout, status } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}`);
  return stdout;
}

function packOnce(folder) {
  mkdirSync(folder);
  const [{ filename, integrity }] = JSON.parse(npm('pack', '--ignore-scripts', '--json', '--pack-destination', folder));
  const bytes = readFileSync(path.join(folder, filename));
  return { sha256: createHash('sha256').update(bytes).digest('hex'), integrity, bytes: bytes.length };
}

/** The components of our bill of materials that the lock file does not pin with a hash. */
function listParts() {
  const sbom = JSON.parse(npm('sbom', '--omit', 'dev', '--package-lock-only', '--sbom-format', 'cyclonedx'));
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const pinned = new Set(
    Object.entries(packages)
      .filter(([place, { integrity }]) => place !== '' && integrity !== undefined)
      .map(([place, { version }]) => `${place.slice(place.lastIndexOf('node_modules/') + 13)}@${version}`),
  );
  const unpinned = sbom.components.filter(({ group, name, version }) => {
    const full = group === undefined || name.startsWith('@') ? name : `${group}/${name}`;
    return !pinned.has(`${full}@${version}`);
  });
  return { components: sbom.components.length, unpinned: unpinned.map(({ name }) => name) };
}

/** What the registry knows against our parts, where it can be asked. */
function askAudit() {
  const args = ['audit', '--omit', 'dev', '--package-lock-only', '--json'];
  const { stdout } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  try {
    const { high, critical } = JSON.parse(stdout).metadata.vulnerabilities;
    return { audit: `${high + critical} high`, isClean: high + critical === 0 };
  } catch {
    return { audit: 'not reachable', isClean: true };
  }
}

/** Packs a model, checks it, and serves another where no network is. */
async function workOffline(room) {
  const site = createSite();
  try {
    const store = path.join(room, 'store');
    const model = path.join(ROOT, 'fixtures/models/brain-tissue.onnx');
    const run = (args) => launch(site, EISEN_DEPLOY, args, {}, WITHOUT_NETWORK).finished;
    const packed = await run([
      'package',
      '--model',
      model,
      '--model-name',
      'm',
      '--version',
      '1.0',
      '--export-path',
      store,
      '--quiet',
    ]);
    const checked = await run(['package', '--check', path.join(store, 'm.mar')]);
    await addLoop(site, 'loop', 1n);
    const { code: served } = await launch(
      site,
      path.join(import.meta.dirname, 'offline-program.mjs'),
      [EISEN_DEPLOY],
      {},
      WITHOUT_NETWORK,
    ).finished;
    return {
      exitCodes: { package: packed.code, check: checked.code, serve: served },
      archiveBytes: statSync(path.join(store, 'm.mar')).size,
    };
  } finally {
    site.remove();
  }
}

export default {
  number: 25,
  title: 'two packs of the package are equal, every part is pinned, and nothing needs a network',
  async run({ room }) {
    const missing = notRun('namespaces without a network');
    if (missing !== null) return missing;
    const [first, second] = [packOnce(path.join(room, 'a')), packOnce(path.join(room, 'b'))];
    const parts = listParts();
    const { audit, isClean } = askAudit();
    const offline = await workOffline(room);
    const passed =
      first.sha256 === second.sha256 &&
      parts.components > 0 &&
      parts.unpinned.length === 0 &&
      isClean &&
      Object.values(offline.exitCodes).every((code) => code === 0);
    return { passed, samePack: first.sha256 === second.sha256, packBytes: first.bytes, audit, ...parts, ...offline };
  },
};
