import { writevSync } from 'node:fs';
import { isEisenError } from '../../errors/error.js';
import { EisenServingHandler } from '../../model/handler.js';
import type { HandlerResult } from '../../model/handler-row.js';
import type { Prepacking } from '../../model/prepacking.js';
import { prepareEngine } from '../../model/prepare-engine.js';
import { runSelfTest } from '../../model/self-test.js';
import { errorBody } from '../http/error-reply.js';
import { encodeReply, writeReply } from '../worker-protocol/encode-frames.js';
import { createFdReader } from '../worker-protocol/fd-reader.js';
import { createFrameWriter } from '../worker-protocol/frame-writer.js';
import type { LoadFrame, ReplyRow, RequestRow } from '../worker-protocol/frames.js';
import { readRequest } from '../worker-protocol/read-request.js';
import { renderStages, STAGES_HEADER } from '../worker-protocol/stage-header.js';

const PIECES_PER_CALL = 512;

/** Writes everything, however little the kernel takes at a time. */
function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
  for (let first = 0; first < pieces.length; first += PIECES_PER_CALL) {
    let rest: Uint8Array[] = pieces.slice(first, first + PIECES_PER_CALL);
    while (rest.length > 0) {
      let written = writevSync(fd, rest);
      let done = 0;
      while (done < rest.length && written >= rest[done]!.length) {
        written -= rest[done]!.length;
        done += 1;
      }
      rest = rest.slice(done);
      if (written > 0) rest[0] = rest[0]!.subarray(written);
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface ChannelOptions {
  readonly fd: number;
  readonly threads: number;
  /** Answer the sample of the archive before saying that the model is loaded. */
  readonly selfTest: boolean;
  readonly prepacking?: Prepacking;
}

async function load(
  handler: EisenServingHandler,
  frame: LoadFrame,
  { threads, selfTest, prepacking }: ChannelOptions,
): Promise<Uint8Array[]> {
  try {
    await handler.initialize(frame.modelDir, { threads, prepacking, say });
    if (selfTest) {
      const hasSample = await runSelfTest(handler, frame.modelDir);
      say(hasSample ? 'self-test: the sample is answered as expected' : 'self-test: the archive carries no sample');
    }
    return encodeReply({ code: 200, message: `loaded model ${frame.modelName}`, rows: [] });
  } catch (error) {
    const text = isEisenError(error) ? `${error.code}: ${error.message}` : String(error);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? text) : text}\n`);
    const code = isEisenError(error) && error.httpStatus === 507 ? 507 : 500;
    return encodeReply({ code, message: text, rows: [] });
  }
}

function replyRow(row: RequestRow, result: HandlerResult): ReplyRow {
  const { requestId } = row;
  const stages: readonly [string, string] = [STAGES_HEADER, renderStages(result.stages)];
  if (result.reply !== undefined) {
    const { contentType, headers, body } = result.reply;
    return { requestId, contentType, status: 200, reason: '', headers: [...headers, stages], body };
  }
  const { error } = result;
  if (error.httpStatus >= 500) process.stderr.write(`${requestId} ${error.code}: ${error.message}\n`);
  if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
  const body = [Buffer.from(`${JSON.stringify(errorBody(error, requestId), null, 2)}\n`)];
  return { requestId, contentType: 'application/json', status: error.httpStatus, reason: '', headers: [stages], body };
}

/** Answers the messages of one channel in order until it is closed; the exit code for the process. */
export async function serveChannel(options: ChannelOptions): Promise<number> {
  const { fd } = options;
  const reader = createFdReader(fd);
  const writer = createFrameWriter();
  const handler = new EisenServingHandler();
  // While the server finds out what to load. What is wrong with the engine is told by the load.
  await prepareEngine().catch(() => undefined);
  for (;;) {
    reader.begin();
    const frame = readRequest(reader);
    if (frame === null) return 0;
    if (frame.command === 'load') {
      writeAll(fd, await load(handler, frame.load, options));
    } else {
      const results = await handler.handle(frame.rows);
      const rows = frame.rows.map((row, n) => replyRow(row, results[n]!));
      writeReply(writer, { code: 200, message: 'Prediction success', rows });
      writeAll(fd, writer.finish());
    }
  }
}
