// A closed-loop load generator, run as a child process so that it never shares an event loop with what it measures.
// usage: node bench/_load.mjs '{"port", "path", "connections", "seconds", "bodyBytes", "gapMs"}'  → one JSON line
import net from 'node:net';
import { requestBody } from './_noop-model.mjs';

const { port, path, connections, seconds, bodyFloats, gapMs = 0, method = 'POST' } = JSON.parse(process.argv[2]);
const body = bodyFloats === undefined ? Buffer.alloc(0) : requestBody(bodyFloats);
const head = Buffer.from(
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`,
);
const request = body.length < 65_536 ? Buffer.concat([head, body]) : null;
const end = performance.now() + seconds * 1000;
const times = [];
const statuses = {};
let failures = 0;

/** Takes pieces of a reply until it is whole; gives its status then, else null. Only the head is ever joined. */
function createReader() {
  let headText = '';
  let left = -1;
  let status = 0;
  return (piece) => {
    let from = 0;
    if (left < 0) {
      headText += piece.toString('latin1', 0, Math.min(piece.length, 4096));
      const stop = headText.indexOf('\r\n\r\n');
      if (stop < 0) return null;
      status = Number(headText.slice(9, 12));
      left = Number(/content-length: (\d+)/i.exec(headText)?.[1] ?? 0);
      from = piece.length - (headText.length - stop - 4) - Math.max(0, piece.length - 4096);
    }
    left -= piece.length - from;
    if (left > 0) return null;
    const closes = /connection: close/i.test(headText);
    headText = '';
    left = -1;
    return { status, closes };
  };
}

function connect() {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true).on('error', reject);
  });
}

async function loop() {
  let socket = await connect();
  while (performance.now() < end) {
    const started = performance.now();
    const read = createReader();
    const answer = await new Promise((resolve) => {
      const done = (value) => {
        socket.off('data', onData);
        socket.off('close', onClose);
        resolve(value);
      };
      const onData = (piece) => {
        const whole = read(piece);
        if (whole !== null) done(whole);
      };
      const onClose = () => done({ status: 0, closes: true });
      socket.on('data', onData).once('close', onClose);
      if (request !== null) socket.write(request);
      else {
        socket.write(head);
        socket.write(body);
      }
    });
    times.push(performance.now() - started);
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    if (answer.status !== 200) failures += 1;
    if (answer.closes) {
      socket.destroy();
      socket = await connect();
    }
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs * (0.5 + Math.random())));
  }
  socket.destroy();
}

await Promise.all(Array.from({ length: connections }, loop));
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(
  `${JSON.stringify({ count: times.length, failures, statuses, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`,
);
