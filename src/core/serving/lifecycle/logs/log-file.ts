import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, write } from 'node:fs';
import path from 'node:path';
import { inRole } from '../../../files/file-role.js';

export interface LogFile {
  /** Takes one line without its end; never blocks and never throws. */
  write(line: string): void;
  /** Resolves when everything written so far is in the file or was dropped. */
  close(): Promise<void>;
}

/** Lines waiting for a slow disk beyond this many bytes are dropped, and counted in the next line. */
const WAITING_BYTES = 8 * 1024 * 1024;
/** After a write the next lines are gathered so long: a write a turn would cost a busy server more than its lines. */
const GATHER_MS = 50;

function shiftFiles(file: string, keep: number): void {
  rmSync(`${file}.${keep}`, { force: true });
  for (let n = keep - 1; n >= 1; n--) {
    try {
      renameSync(`${file}.${n}`, `${file}.${n + 1}`);
    } catch {
      // A gap in the numbers is no fault.
    }
  }
  if (keep > 0) renameSync(file, `${file}.1`);
  else rmSync(file, { force: true });
}

const PLACE =
  'LOG_LOCATION names the folder of the logs (METRICS_LOCATION of those with metrics), else logs/ is theirs.';

/** Makes the folder too. Throws NOT_WRITABLE, DISK_FULL. */
export function openForAppending(file: string): number {
  return inRole({ role: 'the log', file, hint: PLACE }, () => {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, 'a', 0o640);
  });
}

/**
 * Opens a log file for appending. Lines are gathered and written together; a file over `rotateBytes` becomes `<file>.1`, `.2` …
 * up to `rotateFiles`. A full disk costs lines, never the server.
 */
export function openLogFile(
  file: string,
  options: {
    readonly rotateBytes: number;
    readonly rotateFiles: number;
    /** Told of every write that fails. */
    readonly onFault?: (error: NodeJS.ErrnoException) => void;
  },
): LogFile {
  let fd = openForAppending(file);
  let size = fstatSync(fd).size;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let writing = false;
  let idle: (() => void)[] = [];
  let gathering: NodeJS.Timeout | undefined;

  const rotate = (): void => {
    try {
      shiftFiles(file, options.rotateFiles);
      closeSync(fd);
      fd = openSync(file, 'a', 0o640);
    } catch {
      // Out of descriptors or rights: go on in the file that is open.
    }
    size = 0;
  };

  const finish = (): void => {
    writing = false;
    const waiters = idle;
    idle = [];
    for (const done of waiters) done();
  };

  const pump = (): void => {
    gathering = undefined;
    if (waiting.length === 0) {
      finish();
      return;
    }
    writing = true;
    if (size >= options.rotateBytes) rotate();
    if (dropped > 0) waiting.push(`${dropped} log lines were dropped: the disk is slow or full.\n`);
    const lines = waiting.length + dropped;
    dropped = 0;
    const text = Buffer.from(waiting.join(''));
    waiting = [];
    waitingBytes = 0;
    writeWhole(text, (error) => {
      if (error !== null) {
        dropped += lines;
        options.onFault?.(error);
      }
      if (idle.length > 0) pump();
      else gathering = setTimeout(pump, GATHER_MS);
    });
  };

  const writeWhole = (text: Buffer, done: (error: Error | null) => void): void => {
    write(fd, text, 0, text.length, null, (error, written) => {
      size += written ?? 0;
      if (error === null && written < text.length) writeWhole(text.subarray(written), done);
      else done(error);
    });
  };

  const endGathering = (): void => {
    clearTimeout(gathering);
    pump();
  };

  return {
    write(line) {
      if (waitingBytes > WAITING_BYTES) {
        dropped++;
        return;
      }
      waiting.push(`${line}\n`);
      waitingBytes += line.length;
      // A file that is due for its rotation is not kept waiting, or it would outgrow its size.
      if (gathering !== undefined && size + waitingBytes >= options.rotateBytes) endGathering();
      if (writing) return;
      writing = true;
      setImmediate(pump);
    },
    async close() {
      if (writing || waiting.length > 0) {
        await new Promise<void>((resolve) => {
          idle.push(resolve);
          if (gathering !== undefined) endGathering();
        });
      }
      closeSync(fd);
    },
  };
}
