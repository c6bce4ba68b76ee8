// How long /ping takes while a server has other work: asked by a process of its own, four clients, each fifty times a second.
import { writeConvModel } from './_conv-model.mjs';
import { loadByNode } from './_load-generator.mjs';
import { prepareOurs } from './_servers.mjs';

const FLOATS_64_MIB = 16 * 1024 * 1024;
/** An inference of some hundred milliseconds on every core: many convolutions over a body of 4 MiB. */
const CONVOLUTIONS = 200;
const CONVOLUTION_FLOATS = 1024 * 1024;
const QUEUE = 100;
const CONNECTIONS = 512;
/** Small enough that 512 clients at once are a matter of the queue and not of bytes. */
const CROWD_FLOATS = 64 * 1024;

const predict = (port, options) => loadByNode({ port, path: '/predictions/noop', ...options });
const ping = (port, options) => loadByNode({ port, path: '/ping', method: 'GET', ...options });
const fewPings = (port, seconds) => ping(port, { connections: 4, gapMs: 20, seconds });
const manyPings = (port, seconds) => ping(port, { connections: 500, gapMs: 500, seconds });

/** The 99th percentile of pings that are asked while `work` is under way; it outlasts them. */
async function beside(work, pings) {
  const busy = work();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { p99 } = await pings();
  await busy;
  return p99;
}

/** What is asked of every server: a name and what one server answers, in milliseconds. */
export function pingCases(seconds) {
  const large = (port, connections) => () =>
    predict(port, { connections, seconds: seconds + 1, bodyFloats: FLOATS_64_MIB });
  return {
    'ping p99, 4 clients, nothing else': async ({ port }) => (await fewPings(port, seconds)).p99,
    'ping p99, 4 clients, 500 connections beside': ({ port }) =>
      beside(
        () => manyPings(port, seconds + 1),
        () => fewPings(port, seconds),
      ),
    'ping p99, 4 clients, 64 MiB bodies of 4 others': ({ port }) =>
      beside(large(port, 4), () => fewPings(port, seconds)),
    'ping p99, 500 connections, 64 MiB bodies of 2 others': ({ port }) =>
      beside(large(port, 2), () => manyPings(port, seconds)),
  };
}

/** Ours alone with a model that computes: pings beside it, and more connections than its queue has room for. */
export async function measureBusyModel({ scratch, root, seconds }) {
  const start = prepareOurs(scratch, root, {
    writeModel: (file) => writeConvModel(file, CONVOLUTIONS, 1),
    properties: [`job_queue_size=${QUEUE}`],
  });
  const server = await start();
  const { port } = server;
  try {
    const work = (connections) => () =>
      predict(port, { connections, seconds: seconds + 1, bodyFloats: CONVOLUTION_FLOATS });
    const alone = await predict(port, { connections: 1, seconds: 1, bodyFloats: CONVOLUTION_FLOATS });
    const p99 = await beside(work(2), () => fewPings(port, seconds));
    const crowd = await predict(port, { connections: CONNECTIONS, seconds, bodyFloats: CROWD_FLOATS, gapMs: 50 });
    return { inferenceMs: alone.p50, pingP99: p99, statuses: crowd.statuses, slowestMs: crowd.max };
  } finally {
    server.stop();
  }
}
