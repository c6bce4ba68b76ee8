// Run by test 25 inside a place without a network: proves that no address outside can be reached, then serves and asks on loopback.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

const outside = net.connect(80, '192.0.2.1');
const [error] = await Promise.race([once(outside, 'error'), once(outside, 'connect').then(() => [null])]);
if (error?.code !== 'ENETUNREACH') throw new Error(`a network is there: ${error?.code ?? 'connected'}`);

const server = spawn(process.execPath, [process.argv[2], 'serve', '--ncs', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
let output = '';
for (const stream of [server.stdout, server.stderr]) {
  stream.on('data', (chunk) => {
    output += chunk;
  });
}
try {
  while (!output.includes('Model server started.')) {
    if (server.exitCode !== null) throw new Error(output);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${url}/predictions/loop`, { method: 'POST', headers, body: '{"image":[[1]]}' });
  if (reply.status !== 200) throw new Error(`the answer was ${reply.status}`);
} finally {
  server.kill('SIGTERM');
  await once(server, 'close');
}
