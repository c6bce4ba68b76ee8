import { statfs } from 'node:fs/promises';
import os from 'node:os';
import type { PeerFamilyName } from './peer-families.js';

const MB = 1024 * 1024;
const GB = 1024 * MB;

interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

function readCpuTimes(): CpuTimes {
  let busy = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    busy += all - times.idle;
    total += all;
  }
  return { busy, total };
}

/** Percent of all cores between two looks; 0 when no time has passed. */
export function cpuPercent(before: CpuTimes, after: CpuTimes): number {
  const total = after.total - before.total;
  return total <= 0 ? 0 : Math.round((1000 * (after.busy - before.busy)) / total) / 10;
}

export type SystemMetrics = Partial<Record<PeerFamilyName, number>>;

/** Looks at the machine: processor time since the last look, memory, and the disk that holds `folder`. */
export function createSystemMetricsReader(folder: string): () => Promise<SystemMetrics> {
  let last = readCpuTimes();
  return async () => {
    const now = readCpuTimes();
    const cpu = cpuPercent(last, now);
    last = now;
    const total = os.totalmem();
    const available = os.freemem();
    const disk = await statfs(folder);
    const used = (disk.blocks - disk.bfree) * disk.bsize;
    const free = disk.bavail * disk.bsize;
    return {
      CPUUtilization: cpu,
      MemoryUsed: (total - available) / MB,
      MemoryAvailable: available / MB,
      MemoryUtilization: Math.round((1000 * (total - available)) / total) / 10,
      DiskUsage: used / GB,
      DiskAvailable: free / GB,
      DiskUtilization: Math.round((1000 * used) / Math.max(1, used + free)) / 10,
    };
  };
}
