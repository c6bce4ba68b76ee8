// usage: node watcher.js COMMAND ARGUMENT…      started by spawnWatched as the leader of a process group.
// Runs the command and kills the whole group when its standard input ends: only the test run holds the other end of
// it, so that it ends with the run, however that ended, SIGKILL included.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  process.stderr.write(`${command}: ${error.message}\n`);
  process.exit(127);
});
child.once('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
process.stdin.once('close', () => process.kill(-process.pid, 'SIGKILL'));
process.stdin.resume();
