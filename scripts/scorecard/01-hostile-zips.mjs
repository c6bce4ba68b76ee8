import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HOSTILE_ZIPS } from '../../.build/test/support/hostile-zips.js';
import { openArchive } from '../../dist/core/archive/open-archive.js';
import { call, createSite, EISEN_DEPLOY, followPeak, launch, serve } from './lib-server.mjs';

const MiB = 2 ** 20;
const MOST_MS = 100;
const MOST_MIB = 64;

/** Opens each here: the code of the refusal and the time until it came. */
async function openAll(archives) {
  const wrong = [];
  let slowestMs = 0;
  for (const { title, code, file } of archives) {
    const started = performance.now();
    const found = await openArchive(file, { verify: true }).then(
      async (archive) => {
        await archive.close();
        return 'accepted';
      },
      (error) => error.code,
    );
    slowestMs = Math.max(slowestMs, performance.now() - started);
    if (found !== code) wrong.push(`${title}: ${found}, not ${code}`);
  }
  return { wrong, slowestMs };
}

/** `package --check` of each, two at a time. */
async function checkAll(site, archives) {
  const wrong = [];
  const rest = [...archives];
  const work = async () => {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const { code, stderr } = await launch(site, EISEN_DEPLOY, ['package', '--check', next.file]).finished;
      if (code !== 4 || !stderr.includes(`[${next.code}]`))
        wrong.push(`package --check, ${next.title}: ${code} ${stderr.slice(-100)}`);
    }
  };
  await Promise.all([work(), work()]);
  return wrong;
}

/** Registers each at a server, with a worker. */
async function registerAll(site, archives) {
  const wrong = [];
  for (const { file } of archives) copyFileSync(file, path.join(site.folder, 'model_store', path.basename(file)));
  const { url, pid, stop } = await serve(site, { lines: ['enable_model_api=true'] });
  const peak = followPeak(pid);
  for (const { title, file } of archives) {
    const query = `url=${path.basename(file)}&initial_workers=1&synchronous=true`;
    const { status, body } = await call(`${url}/models?${query}`, { method: 'POST' });
    if (status < 400 || !/"code"/.test(body)) wrong.push(`serve, ${title}: ${status} ${body.slice(0, 80)}`);
  }
  const grownMiB = Math.round(peak() / MiB);
  if (JSON.parse((await call(`${url}/models`)).body).models.length > 0) wrong.push('serve: a model is registered');
  if ((await stop()) !== 0) wrong.push('serve: did not end well');
  return { wrong, grownMiB };
}

export default {
  number: 1,
  title: 'hostile zips are refused by their own code, at once, and write nothing',
  async run({ room }) {
    const archives = HOSTILE_ZIPS.map(({ title, code, make }, n) => {
      const file = path.join(room, `evil${n}.mar`);
      writeFileSync(file, make());
      return { title, code, file };
    });
    const site = createSite();
    try {
      const opened = await openAll(archives);
      const checked = await checkAll(site, archives);
      const registered = await registerAll(site, archives);
      const left = readdirSync(room).filter((name) => !/^evil\d+\.mar$/.test(name));
      const wrong = [...opened.wrong, ...checked, ...registered.wrong];
      const { slowestMs } = opened;
      const { grownMiB } = registered;
      const passed =
        wrong.length === 0 && left.length === 0 && archives.length >= 35 && slowestMs < MOST_MS && grownMiB <= MOST_MIB;
      return {
        passed,
        archives: archives.length,
        slowestMs: Math.round(slowestMs),
        serverGrownMiB: grownMiB,
        wrong: wrong.slice(0, 8),
      };
    } finally {
      site.remove();
    }
  },
};
