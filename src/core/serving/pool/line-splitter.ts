const LINE_BYTES = 8 * 1024;
const BYTES_PER_SECOND = 1024 * 1024;

/** Cuts what a worker prints into lines, at most 8 KiB each and 1 MB a second; what is dropped is counted and told. */
export function createLineSplitter(options: { readonly onLine: (line: string) => void; readonly now: () => number }): {
  push(chunk: Buffer): void;
  end(): void;
} {
  const { onLine, now } = options;
  let rest = '';
  let second = 0;
  let spent = 0;
  let dropped = 0;

  const tell = (line: string): void => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      if (dropped > 0) onLine(`(${dropped} bytes of output were dropped: more than 1 MB a second)`);
      second = current;
      spent = 0;
      dropped = 0;
    }
    if (spent > BYTES_PER_SECOND) dropped += line.length;
    else {
      spent += line.length;
      onLine(line.length > LINE_BYTES ? `${line.slice(0, LINE_BYTES)}…` : line);
    }
  };

  return {
    push: (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) tell(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (rest.length > LINE_BYTES) {
        tell(rest);
        rest = '';
      }
    },
    end: () => {
      if (rest !== '') tell(rest);
      rest = '';
    },
  };
}
