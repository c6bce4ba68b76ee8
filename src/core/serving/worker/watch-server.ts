import { Worker } from 'node:worker_threads';

const PROGRAM = `
  const { Socket } = require('node:net');
  const end = () => process.kill(process.pid, 'SIGKILL');
  const input = new Socket({ fd: 0 });
  input.on('error', end).on('close', end).resume();
`;

/**
 * Ends this process as soon as the server is gone, whatever the main thread does: an inference in native code hears no
 * signal handler and no closed channel. The thread only waits for the end of standard input.
 */
export function watchServer(): void {
  const thread = new Worker(PROGRAM, {
    eval: true,
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.on('error', () => process.kill(process.pid, 'SIGKILL'));
  thread.unref();
}
