import type { Socket } from 'node:net';
import { writePredict } from '../worker-protocol/encode-frames.js';
import { createFrameWriter } from '../worker-protocol/frame-writer.js';
import type { OutgoingRow } from '../worker-protocol/frames.js';

/** Sends messages to a worker. Those that one event brought leave in one system call, in one piece when they are small. */
export function createFrameSender(socket: Socket): (rows: readonly OutgoingRow[]) => void {
  const writer = createFrameWriter();
  let isWaiting = false;

  const flush = (): void => {
    isWaiting = false;
    const pieces = writer.finish();
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
  };
  return (rows) => {
    writePredict(writer, rows);
    if (isWaiting) return;
    isWaiting = true;
    // After all promises that settle now: requests that were read together are sent together.
    process.nextTick(flush);
  };
}
