// A closed-loop load generator, run as a child process so that it never shares an event loop with what it measures.
// usage: node bench/_load.mjs '{"port", "path", "connections", "seconds", "bodyBytes", "gapMs"}'  → one JSON line
import { openConnection, requestHead } from './_connection.mjs';
import { requestBody } from './_noop-model.mjs';

const { port, path, connections, seconds, bodyFloats, gapMs = 0, method = 'POST' } = JSON.parse(process.argv[2]);
const body = bodyFloats === undefined ? Buffer.alloc(0) : requestBody(bodyFloats);
const head = requestHead(method, path, body.length);
const request = body.length < 65_536 ? [Buffer.concat([head, body])] : [head, body];
const end = performance.now() + seconds * 1000;
const times = [];
const statuses = {};
let failures = 0;

async function loop() {
  let connection = await openConnection(port);
  while (performance.now() < end) {
    const started = performance.now();
    const { status, closes } = await connection.ask(request);
    times.push(performance.now() - started);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status !== 200) failures += 1;
    if (closes) {
      connection.close();
      connection = await openConnection(port);
    }
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs * (0.5 + Math.random())));
  }
  connection.close();
}

await Promise.all(Array.from({ length: connections }, loop));
times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
process.stdout.write(
  `${JSON.stringify({ count: times.length, failures, statuses, perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), max: at(1) })}\n`,
);
