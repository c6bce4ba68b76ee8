type Part = readonly Uint8Array[];

/** Parts of a streaming reply, pushed as they come and pulled by whoever sends them on. */
export interface PartStream {
  readonly parts: AsyncIterable<Part>;
  push(part: Part): void;
  end(error?: Error): void;
}

export function createPartStream(): PartStream {
  const waiting: Part[] = [];
  let wake: (() => void) | null = null;
  let isOver = false;
  let failure: Error | undefined;

  const rouse = (): void => {
    wake?.();
    wake = null;
  };

  async function* pull(): AsyncGenerator<Part> {
    for (;;) {
      const part = waiting.shift();
      if (part !== undefined) yield part;
      else if (failure !== undefined) throw failure;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  return {
    parts: pull(),
    push: (part) => {
      waiting.push(part);
      rouse();
    },
    end: (error) => {
      if (isOver) return;
      isOver = true;
      failure = error;
      rouse();
    },
  };
}
