import { parseArgs } from 'node:util';
import { PREPACKING } from '../../model/prepacking.js';
import { serveChannel } from './serve-channel.js';
import { watchServer } from './watch-server.js';

/**
 * The program of a Node worker: one model, one channel, until the server closes it. The channel is a descriptor that the
 * server made before it started us (`--sock-type fd --sock-name 3`). `--server-pid` says that the kernel ends us together with
 * that process; without it our own standard input tells when the server is gone.
 */
const { values } = parseArgs({
  options: {
    'sock-type': { type: 'string', default: 'fd' },
    'sock-name': { type: 'string', default: '3' },
    'server-pid': { type: 'string' },
    threads: { type: 'string', default: '1' },
    'self-test': { type: 'boolean', default: false },
    prepacking: { type: 'string', default: 'auto' },
  },
});
const serverPid = values['server-pid'];

if (values['sock-type'] !== 'fd') {
  process.stderr.write(`worker: --sock-type is ${values['sock-type']}; expected fd.\n`);
  process.exitCode = 2;
} else if (serverPid !== undefined && process.ppid !== Number(serverPid)) {
  // It died before the kernel knew that we belong to it.
  process.exitCode = 3;
} else {
  process.stdout.write(`[PID]${process.pid}\nTorch worker started.\nNode runtime: ${process.versions.node}\n`);
  if (serverPid === undefined) watchServer();
  void serveChannel({
    fd: Number(values['sock-name']),
    threads: Number(values.threads),
    selfTest: values['self-test'],
    prepacking: PREPACKING.find((choice) => choice === values.prepacking),
  }).then((code) => {
    process.exitCode = code;
  });
}
