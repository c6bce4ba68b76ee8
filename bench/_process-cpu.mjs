// Processor time of a server's processes (Linux), so that a figure says what a request costs and not how busy the machine was.
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks a second of /proc/PID/stat: the same on every Linux that Node runs on. */
const TICKS = 100;

function readStat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS };
}

/** Milliseconds of processor time, user and system, of a process and of all its children together. */
export function readCpu(pid) {
  let childrenMs = 0;
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const { parent, cpuMs } = readStat(name);
      if (parent === pid) childrenMs += cpuMs;
    } catch {
      // Gone between the two looks.
    }
  }
  return { mainMs: readStat(pid).cpuMs, childrenMs };
}
