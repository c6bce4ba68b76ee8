import { createSite, sendRaw, serve } from './lib-server.mjs';

const get = (target, headers = 'Host: a\r\n') => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const ROWS = [
  ['two hosts', get('/ping', 'Host: a\r\nHost: a\r\n'), 400],
  ['no host', get('/ping', ''), 400],
  ['3000 headers', get('/ping', `Host: a\r\n${'A:\r\n'.repeat(3000)}`), 431],
  ['101 headers', get('/ping', `Host: a\r\n${'X-A: 1\r\n'.repeat(100)}`), 431],
  ['20,000 bytes of headers', get('/ping', `Host: a\r\nX-A: ${'a'.repeat(20_000)}\r\n`), 431],
  ['a bad escape', get('/predictions/%zz'), 400],
  ['bad UTF-8', get('/predictions/%ff'), 400],
  ['a zero byte', get('/predictions/a%00b'), 400],
  ['a long name', get(`/predictions/${'a'.repeat(300)}`), 404],
  ['a path that climbs', get('/../../etc/passwd'), 404],
  ['a plain ping', get('/ping'), 200],
];

export default {
  number: 12,
  title: 'hosts, headers and targets that are none get exactly their status',
  async run() {
    const site = createSite();
    try {
      const { port, stop } = await serve(site);
      const wrong = [];
      for (const [name, bytes, status] of ROWS) {
        const { text } = await sendRaw(port, bytes, 5000, true);
        if (!text.startsWith(`HTTP/1.1 ${status}`)) wrong.push(`${name}: ${text.slice(0, 12)}, not ${status}`);
      }
      await stop();
      return { passed: wrong.length === 0, rows: ROWS.length, wrong };
    } finally {
      site.remove();
    }
  },
};
