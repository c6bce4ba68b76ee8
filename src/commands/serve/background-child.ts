import type { StartReport } from './run-foreground.js';
import type { ServeOptions } from './serve-options.js';
import type { BackgroundOrder } from './start-background.js';

/** The line from a server in the background to the command that started it. */
export interface BackgroundLine {
  readonly options: ServeOptions;
  report(report: StartReport): void;
  /** Resolves when the command has gone before it was told how the start went. */
  readonly abandoned: Promise<void>;
}

/** Waits for the order of the command that spawned this process; null when nobody did. */
export async function openBackgroundLine(): Promise<BackgroundLine | null> {
  if (process.send === undefined) return null;
  let hasReported = false;
  const abandoned = new Promise<void>((resolve) => {
    process.once('disconnect', () => {
      if (!hasReported) resolve();
    });
  });
  const order = await new Promise<BackgroundOrder>((resolve) => {
    process.once('message', (message) => resolve(message as BackgroundOrder));
  });
  return {
    options: order.options,
    abandoned,
    report(report) {
      if (hasReported) return;
      hasReported = true;
      if (process.connected) process.send?.(report, undefined, undefined, () => process.disconnect?.());
    },
  };
}
