let waiting: (() => void)[] = [];

function release(): void {
  const released = waiting;
  waiting = [];
  for (const resolve of released) resolve();
}

/**
 * Resolves when the parser is through the bytes that lie in the sockets now: a handler is called with the head, from inside of
 * the bytes that may hold its body as well. One turn for all requests of it.
 */
export function afterParsing(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(release);
  });
}
