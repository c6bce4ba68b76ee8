import { readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { call, createSite, serve } from './lib-server.mjs';

/** An allowed address that sends on to one that is not. */
async function tryRedirect(trapPort) {
  const site = createSite();
  let asked = 0;
  const door = http.createServer((_, response) => {
    asked++;
    response.writeHead(302, { location: `http://127.0.0.1:${trapPort}/a.mar` }).end();
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  try {
    const allowed = `http://127.0.0.1:${door.address().port}/`;
    const lines = ['enable_model_api=true', `allowed_urls=${allowed}.*`, 'allow_private_urls=true'];
    const { url, stop } = await serve(site, { lines });
    const { status } = await call(`${url}/models?url=${encodeURIComponent(`${allowed}a.mar`)}`, { method: 'POST' });
    await stop();
    return { status, asked };
  } finally {
    door.close();
    site.remove();
  }
}

export default {
  number: 16,
  title: 'no model URL leads out of the store or to a private address',
  async run() {
    const site = createSite();
    let connects = 0;
    const trap = http.createServer((_, response) => response.end('caught'));
    trap.on('connection', () => {
      connects++;
    });
    await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const { port } = trap.address();
    try {
      const lines = ['enable_model_api=true', 'allowed_urls=https?://.*'];
      const { url, stop } = await serve(site, { lines });
      const targets = [
        `http://127.0.0.1:${port}/a.mar`,
        `http://localhost:${port}/a.mar`,
        `http://[::1]:${port}/a.mar`,
        `http://[::ffff:127.0.0.1]:${port}/a.mar`,
        `http://2130706433:${port}/a.mar`,
        `http://0x7f.1:${port}/a.mar`,
        `http://0.0.0.0:${port}/a.mar`,
        'http://169.254.169.254/latest/meta-data/a.mar',
        'http://10.0.0.1/a.mar',
        'file:///etc/passwd',
        '../../etc/passwd',
        '..%2f..%2fetc%2fpasswd',
        '/etc',
        'a.mar\u0000.txt',
        'ftp://127.0.0.1/a.mar',
        '',
      ];
      const accepted = [];
      for (const target of targets) {
        const { status } = await call(`${url}/models?url=${encodeURIComponent(target)}`, { method: 'POST' });
        if (status < 400 || status >= 500) accepted.push(`${target}: ${status}`);
      }
      const redirected = await tryRedirect(port);
      if (redirected.status < 400 || redirected.status >= 500) accepted.push(`a redirect: ${redirected.status}`);
      const files = readdirSync(path.join(site.folder, 'model_store'));
      await stop();
      const passed = accepted.length === 0 && connects === 0 && redirected.asked === 1 && files.length === 0;
      return { passed, urls: targets.length + 1, connects, files, accepted };
    } finally {
      trap.close();
      site.remove();
    }
  },
};
