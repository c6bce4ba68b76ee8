/** Watches that a worker does not take too long over the message that it is at. */
export interface ResponseTimer {
  /** A message has come to the worker, or a sign of work from it. */
  touch(now: number): void;
  /** It has no message. */
  rest(): void;
  stop(): void;
}

/** One timer for many messages: a busy worker costs none of its own; one that rings too early is set for what is left. */
export function createResponseTimer(options: {
  readonly limitMs: number;
  readonly onOverdue: () => void;
}): ResponseTimer {
  const { limitMs, onOverdue } = options;
  let since: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  const arm = (delayMs: number): void => {
    timer = setTimeout(() => {
      timer = undefined;
      if (since === null) return;
      const left = since + limitMs - performance.now();
      if (left <= 0) onOverdue();
      else arm(left + 1);
    }, delayMs).unref();
  };
  const rest = (): void => {
    since = null;
  };
  return {
    touch: (now) => {
      since = now;
      if (timer === undefined) arm(limitMs);
    },
    rest,
    stop: () => {
      rest();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
