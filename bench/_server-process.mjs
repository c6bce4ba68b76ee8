// Starts a server as a child process group and tells when it answers, what memory its processes hold, and ends all of it.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';

export async function findFreePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = net.createServer();
      return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Process groups that still run. A bench that is interrupted leaves none behind. */
const running = new Set();

function stopGroup(pid) {
  running.delete(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', () => running.forEach(stopGroup));

/** Resident bytes of a process and of everything below it (Linux). */
export function treeBytes(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Gone between the two looks.
    }
  }
  const belongs = (at) => at === pid || (parents.has(at) && at !== 1 && belongs(parents.get(at)));
  let bytes = 0;
  for (const at of parents.keys()) {
    if (!belongs(at)) continue;
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${at}/status`, 'utf8'))?.[1];
    bytes += Number(rss ?? 0) * 1024;
  }
  return bytes;
}

/**
 * The environment of what is measured: without a list of certificate authorities beside Node's own, which a machine behind a
 * proxy has and which costs every start of a Node process some 50 ms, whatever it runs.
 */
export function cleanEnvironment() {
  const { NODE_EXTRA_CA_CERTS: _, ...own } = process.env;
  return own;
}

/** Starts a program; `isUp` is asked until it is true. `startMs` is the time that took. */
export async function startProgram({ command, args, cwd, env, isUp }) {
  const started = performance.now();
  let output = '';
  const child = spawn(command, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      output = (output + piece).slice(-20_000);
    });
  }
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  running.add(child.pid);
  const stop = () => stopGroup(child.pid);
  while (!(await isUp().catch(() => false))) {
    if (ended || performance.now() - started > 60_000) {
      stop();
      throw new Error(`${command} did not come up:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { pid: child.pid, startMs: performance.now() - started, stop, memoryBytes: () => treeBytes(child.pid) };
}
