import { createSite, sendRaw, serve } from './lib-server.mjs';

const POST = 'POST /predictions/none HTTP/1.1\r\nHost: x\r\n';
const NEXT = 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n';
const REQUESTS = {
  'length with chunked': `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${NEXT}`,
  'chunked with length': `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${NEXT}`,
  'two lengths': `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${NEXT}`,
  'signed length': `${POST}Content-Length: +5\r\n\r\nhello${NEXT}`,
  'negative length': `${POST}Content-Length: -1\r\n\r\n${NEXT}`,
  'list of lengths': `${POST}Content-Length: 5,5\r\n\r\nhello${NEXT}`,
  'hexadecimal length': `${POST}Content-Length: 0x5\r\n\r\nhello${NEXT}`,
  'unknown encoding': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${NEXT}`,
  'chunked not last': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${NEXT}`,
  'blank before colon': `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${NEXT}`,
  'folded header': `${POST}X-A: 1\r\n Content-Length: 5\r\n\r\nhello${NEXT}`,
  'bare line feed': `POST /predictions/none HTTP/1.1\nHost: x\nContent-Length: 0\n\n${NEXT}`,
  'zero byte': `${POST}X-A: a\u0000b\r\n\r\n${NEXT}`,
  'chunk size overflow': `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${NEXT}`,
  'chunk size no number': `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n${NEXT}`,
  'version that is none': `GET /ping HTTP/9.9\r\nHost: x\r\n\r\n${NEXT}`,
};

export default {
  number: 11,
  title: 'requests that could be read in two ways are refused, once each',
  async run() {
    const site = createSite();
    try {
      const { port, stop } = await serve(site);
      const wrong = [];
      for (const [name, bytes] of Object.entries(REQUESTS)) {
        const { text, closed } = await sendRaw(port, bytes);
        const answers = text.match(/HTTP\/1\.1 \d+/g) ?? [];
        if (answers.length !== 1 || answers[0] !== 'HTTP/1.1 400' || !closed)
          wrong.push(`${name}: ${answers.join(', ')}`);
      }
      await stop();
      return { passed: wrong.length === 0, requests: Object.keys(REQUESTS).length, wrong };
    } finally {
      site.remove();
    }
  },
};
