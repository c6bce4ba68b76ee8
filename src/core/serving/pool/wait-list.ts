/** Callers that wait for the same thing. */
export interface WaitList {
  readonly isEmpty: boolean;
  wait(): Promise<void>;
  resolveAll(): void;
  rejectAll(error: Error): void;
}

export function createWaitList(): WaitList {
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  // Emptied first: who is woken may wait again.
  const takeAll = (): typeof waiting => {
    const taken = waiting;
    waiting = [];
    return taken;
  };
  return {
    get isEmpty() {
      return waiting.length === 0;
    },
    wait: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    resolveAll: () => {
      for (const { resolve } of takeAll()) resolve();
    },
    rejectAll: (error) => {
      for (const { reject } of takeAll()) reject(error);
    },
  };
}

/** Waits for `promise`, at most `ms`. */
export function waitAtMost(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
