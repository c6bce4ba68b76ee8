import { closeSync, openSync } from 'node:fs';
import { createSeldom } from './seldom.js';

const LOOK_MS = 1000;
const REPEAT_MS = 60_000;
const NONE_LEFT = new Set(['EMFILE', 'ENFILE']);

/** Opens a file and closes it; the code of the system when that fails. */
function tryOpen(): string | null {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

/**
 * Looks every second whether this process can still open files. Node drops connections without a word when it cannot: here is
 * the line that tells the operator, at most one a minute, and the one that tells that it is over. Returns what ends the watch.
 */
export function watchDescriptors(
  say: (line: { readonly level: 'ERROR' | 'INFO'; readonly message: string }) => void,
  options: { readonly lookMs?: number; readonly probe?: () => string | null; readonly now?: () => number } = {},
): () => void {
  const { lookMs = LOOK_MS, probe = tryOpen, now = () => performance.now() } = options;
  const maySay = createSeldom(REPEAT_MS, now);
  let isTold = false;
  const timer = setInterval(() => {
    const code = probe();
    if (code !== null && NONE_LEFT.has(code)) {
      if (!maySay()) return;
      isTold = true;
      const message = `no file descriptors are left (${code}): new connections are dropped and files cannot be opened; raise ulimit -n or lower max_connections`;
      say({ level: 'ERROR', message });
    } else if (isTold) {
      isTold = false;
      say({ level: 'INFO', message: 'there are file descriptors again' });
    }
  }, lookMs).unref();
  return () => clearInterval(timer);
}
