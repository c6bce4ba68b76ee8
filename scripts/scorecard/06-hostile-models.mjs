import { createRandom } from '../../.build/test/interop/zip-mutants.js';
import { LOOP_METADATA } from '../../.build/test/support/loop-model.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { checkGraph } from '../../dist/core/model/model-files.js';
import { readOnnxGraph } from '../../dist/core/onnx/read-graph.js';
import { HOSTILE_MODELS, mutateModel } from './lib-hostile-models.mjs';
import { addLoop, call, createSite, isGone, predict, serve, until, workersOf } from './lib-server.mjs';

const MUTANTS = 1000;
const TYPED = new Set([400, 404, 409, 500, 503, 507]);

/** How long it takes until another worker stands in the place of one that has just died. */
async function timeReplacement({ url, name, pid }) {
  const started = performance.now();
  await until(async () => {
    const [worker] = await workersOf(url, name);
    return worker.pid !== pid && worker.status === 'READY';
  }, 10_000);
  return performance.now() - started;
}

/** Registers a model under a worker of its own, asks it once, and takes it away again. Gives what is wrong with that. */
async function tryModel({ url, site, name, bytes }) {
  await writeModelArchive({ folder: `${site.folder}/model_store`, name, model: bytes, metadata: LOOP_METADATA });
  const query = `url=${name}.mar&initial_workers=1&synchronous=true&startup_timeout=20&response_timeout=2`;
  const registered = await call(`${url}/models?${query}`, { method: 'POST' });
  const wrong = [];
  const judge = (what, { status, body }) => {
    if (status !== 200 && (!TYPED.has(status) || !/"(?:error_)?code"/.test(body)))
      wrong.push(`${what}: ${status} ${body.slice(0, 80)}`);
  };
  judge('registration', registered);
  let replacedMs = 0;
  if (registered.status === 200) {
    const [{ pid }] = await workersOf(url, name);
    judge('prediction', await predict(url, name));
    if (isGone(pid)) replacedMs = await timeReplacement({ url, name, pid });
  }
  await call(`${url}/models/${name}`, { method: 'DELETE' });
  return { wrong, loaded: registered.status === 200, replacedMs };
}

/** Mutants that the look before any engine lets through; anything but a refusal with a code is a fault. */
function preScan(seed) {
  const random = createRandom(seed);
  const [accepted, faults] = [[], []];
  for (let n = 0; n < MUTANTS; n++) {
    const bytes = mutateModel(random);
    try {
      checkGraph(readOnnxGraph(bytes, 'm'), 'm');
      accepted.push(bytes);
    } catch (error) {
      if (typeof error.code !== 'string' || error.name === 'RangeError') faults.push(String(error));
    }
  }
  return { accepted, faults };
}

export default {
  number: 6,
  title: 'hostile and damaged models end in a clear answer; the server and its other models go on',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'good', 1n);
      const lines = ['enable_model_api=true', `worker_memory_limit=${700 * 2 ** 20}`, 'load_models=good.mar'];
      const { url, server, stop } = await serve(site, { lines });
      const wrong = [];
      let slowestBesideMs = 0;
      let loaded = 0;
      const replacements = [];
      const tryOne = async (title, bytes, name) => {
        const outcome = await tryModel({ url, site, name, bytes });
        const { status, elapsedMs } = await predict(url, 'good');
        slowestBesideMs = Math.max(slowestBesideMs, elapsedMs);
        if (status !== 200) wrong.push(`beside ${title}: ${status}`);
        wrong.push(...outcome.wrong.map((text) => `${title}: ${text}`));
        if (outcome.loaded) loaded++;
        if (outcome.replacedMs > 0) replacements.push(outcome.replacedMs);
      };
      for (const [index, [title, bytes]] of HOSTILE_MODELS.entries()) await tryOne(title, bytes, `hostile${index}`);
      const seed = Math.floor(Date.now() / 86_400_000);
      const { accepted, faults } = preScan(seed);
      let tried = 0;
      for (const bytes of accepted) {
        await tryOne(`mutant ${tried} of seed ${seed}`, bytes, `mutant${tried++}`);
      }
      const alive = server.child.exitCode === null;
      const code = await stop();
      const slowestReplacementMs = Math.round(Math.max(0, ...replacements));
      const passed =
        wrong.length === 0 &&
        faults.length === 0 &&
        alive &&
        code === 0 &&
        slowestBesideMs < 2000 &&
        replacements.length > 0 &&
        slowestReplacementMs <= 2000;
      return {
        passed,
        graphs: HOSTILE_MODELS.length,
        mutants: MUTANTS,
        refusedUnloaded: MUTANTS - accepted.length - faults.length,
        triedInWorkers: tried,
        loaded,
        slowestBesideMs: Math.round(slowestBesideMs),
        replaced: replacements.length,
        slowestReplacementMs,
        wrong: [...faults, ...wrong].slice(0, 8),
      };
    } finally {
      site.remove();
    }
  },
};
