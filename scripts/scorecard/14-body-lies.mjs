import { gzipSync } from 'node:zlib';
import { addLoop, createSite, followPeak, predict, sendRaw, serve } from './lib-server.mjs';

const LIMIT = 1024 * 1024;
/** The deadline of a body without progress, and a second. */
const BODY_MS = 31_000;
const POST = 'POST /predictions/m HTTP/1.1\r\nHost: a\r\n';

const chunk = (size) => `${size.toString(16)}\r\n${'a'.repeat(size)}\r\n`;
const bomb = gzipSync(Buffer.alloc(64 * LIMIT)).toString('latin1');

const ROWS = [
  ['declares more than the limit', `${POST}Content-Length: ${LIMIT + 1}\r\n\r\n`, 413],
  ['declares terabytes', `${POST}Content-Length: 9007199254740991\r\n\r\n`, 413],
  [
    'sends more than the limit in chunks',
    `${POST}Transfer-Encoding: chunked\r\n\r\n${chunk(65_536).repeat(20)}0\r\n\r\n`,
    413,
  ],
  ['comes in 70,000 chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n${chunk(1).repeat(70_000)}0\r\n\r\n`, 400],
  ['is a gzip bomb', `${POST}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n${bomb}`, 413],
  ['has an unknown encoding', `${POST}Content-Encoding: snow\r\nContent-Length: 1\r\n\r\na`, 415],
  ['is no gzip', `${POST}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello`, 400],
];

export default {
  number: 14,
  title: 'bodies that lie about themselves are refused and cost no memory',
  async run() {
    const site = createSite();
    try {
      await addLoop(site, 'm', 1n);
      const { url, port, pid, stop } = await serve(site, { lines: [`max_request_size=${LIMIT}`] });
      await predict(url, 'm');
      const peak = followPeak(pid);
      // It is told when the deadline of a body without progress is over.
      const silent = sendRaw(port, `${POST}Content-Length: 1000\r\n\r\nonly this`, BODY_MS, true);
      const wrong = [];
      for (const [name, bytes, status] of ROWS) {
        const { text } = await sendRaw(port, bytes, 20_000, true);
        if (!text.startsWith(`HTTP/1.1 ${status}`))
          wrong.push(`${name}: ${text.slice(9, 12) || 'nothing'}, not ${status}`);
      }
      const { text } = await silent;
      if (!text.startsWith('HTTP/1.1 408'))
        wrong.push(`is shorter than it says: ${text.slice(9, 12) || 'nothing'}, not 408`);
      const grownMiB = Math.round(peak() / 2 ** 20);
      const alive = (await predict(url, 'm')).status === 200;
      await stop();
      return { passed: wrong.length === 0 && alive && grownMiB <= 32, rows: ROWS.length + 1, grownMiB, wrong };
    } finally {
      site.remove();
    }
  },
};
