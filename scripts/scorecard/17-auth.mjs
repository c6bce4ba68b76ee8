import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createTokenStore } from '../../dist/core/serving/lifecycle/tokens/token-store.js';
import { call, createSite, sendRaw, serve, sleep } from './lib-server.mjs';

/** Means of a right and a wrong first half, in nanoseconds, with the standard error of their difference. */
function measureTiming(rounds) {
  let issued;
  const store = createTokenStore({
    config: {
      required: {},
      expirationMs: 1e9,
      keyFile: '',
      fixed: { inference: null, management: null },
      failureStatus: 400,
    },
    now: () => 0,
    randomBytes: (size) => new Uint8Array(size).fill(7),
    publish: async (tokens) => {
      issued = tokens;
    },
  });
  const key = issued.inference.key;
  const near = [`Bearer ${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`];
  const far = [`Bearer ${'Z'.repeat(key.length)}`];
  const sums = { near: [0, 0], far: [0, 0] };
  for (let i = 0; i < rounds; i++) {
    for (const [name, header] of i % 2
      ? [
          ['near', near],
          ['far', far],
        ]
      : [
          ['far', far],
          ['near', near],
        ]) {
      const started = process.hrtime.bigint();
      store.check('inference', header);
      const ns = Math.min(Number(process.hrtime.bigint() - started), 20_000);
      sums[name][0] += ns;
      sums[name][1] += ns * ns;
    }
  }
  const mean = (name) => sums[name][0] / rounds;
  const variance = (name) => sums[name][1] / rounds - mean(name) ** 2;
  const sigma = Math.sqrt((variance('near') + variance('far')) / rounds);
  return Math.abs(mean('near') - mean('far')) / sigma;
}

/** Looks at a folder all the time: the modes in which files were seen there whose name begins so. */
function followModes(folder, prefix) {
  const modes = new Set();
  let looking = true;
  const look = () => {
    for (const name of readdirSync(folder).filter((found) => found.startsWith(prefix))) {
      const stats = statSync(path.join(folder, name), { throwIfNoEntry: false });
      if (stats !== undefined) modes.add((stats.mode & 0o777).toString(8));
    }
    if (looking) setImmediate(look);
  };
  look();
  return () => {
    looking = false;
    return [...modes];
  };
}

/** A token that lives for a second, before and after. */
async function tryExpired() {
  const site = createSite();
  try {
    const lines = ['enable_token_authorization=true', 'token_failure_status=401', 'token_expiration_min=0.05'];
    const { url, stop } = await serve(site, { lines });
    const { inference } = JSON.parse(readFileSync(path.join(site.folder, 'key_file.json'), 'utf8'));
    const ask = async () =>
      (await call(`${url}/ping`, { headers: { authorization: `Bearer ${inference.key}` } })).status;
    const fresh = await ask();
    await sleep(3500);
    const statuses = [fresh, await ask()];
    await stop();
    return statuses;
  } finally {
    site.remove();
  }
}

export default {
  number: 17,
  title: 'tokens: missing, wrong, expired, swapped and doubled ones are refused, and time tells nothing',
  async run() {
    const site = createSite();
    try {
      const lines = ['enable_token_authorization=true', 'token_failure_status=401'];
      const modesOf = followModes(site.folder, 'key_file');
      const { urls, port, stop } = await serve(site, { lines, args: [] });
      const modes = modesOf();
      const [inference, management] = urls;
      const file = path.join(site.folder, 'key_file.json');
      const keys = JSON.parse(readFileSync(file, 'utf8'));
      const ask = async (url, key) =>
        (await call(url, key === null ? {} : { headers: { authorization: `Bearer ${key}` } })).status;
      const refused = [
        await ask(`${inference}/ping`, null),
        await ask(`${inference}/ping`, 'wrong'),
        await ask(`${inference}/ping`, keys.management.key),
        await ask(`${inference}/ping`, keys.API.key),
        await ask(`${management}/models`, keys.inference.key),
        await ask(`${management}/token?type=inference`, keys.management.key),
      ];
      const header = `Authorization: Bearer ${keys.inference.key}\r\n`;
      const doubled = await sendRaw(port, `GET /ping HTTP/1.1\r\nHost: a\r\n${header}${header}\r\n`, 1000);
      const right = [
        await ask(`${inference}/ping`, keys.inference.key),
        await ask(`${management}/models`, keys.management.key),
      ];
      await stop();
      const expired = await tryExpired();
      measureTiming(2000);
      const sigmas = measureTiming(40_000);
      const passed =
        refused.every((status) => status === 401) &&
        doubled.text.startsWith('HTTP/1.1 401') &&
        right.every((status) => status === 200) &&
        expired.join() === '200,401' &&
        modes.join() === '600' &&
        sigmas < 3;
      return { passed, refused, right, expired, modes, sigmas: Number(sigmas.toFixed(2)) };
    } finally {
      site.remove();
    }
  },
};
