import { createFrameWriter, type FrameWriter } from './frame-writer.js';
import {
  END_OF_LIST,
  type Header,
  LOAD_COMMAND,
  type LoadFrame,
  type OutgoingRow,
  PREDICT_COMMAND,
  type ReplyFrame,
} from './frames.js';

/** The pieces of a LOAD message. */
export function encodeLoad(frame: LoadFrame): Uint8Array[] {
  const writer = createFrameWriter();
  writer.writeByte(LOAD_COMMAND);
  writer.writeText(frame.modelName);
  writer.writeText(frame.modelDir);
  writer.writeInt(frame.batchSize);
  writer.writeText(frame.handler);
  writer.writeInt(frame.gpuId);
  writer.writeText(frame.envelope);
  writer.writeByte(frame.limitMaxImagePixels ? 1 : 0);
  return writer.finish();
}

/** The pieces of a PREDICT message; the values of the rows are not copied when they are big. */
export function encodePredict(rows: readonly OutgoingRow[]): Uint8Array[] {
  const writer = createFrameWriter();
  writer.writeByte(PREDICT_COMMAND);
  for (const row of rows) {
    writer.writeText(row.requestId);
    for (const [name, value] of row.headers) {
      writer.writeText(name);
      writer.writeText(value);
    }
    writer.writeInt(END_OF_LIST);
    for (const { name, contentType, value } of row.parameters) {
      writer.writeText(name);
      writer.writeText(contentType);
      writer.writeValue(value);
    }
    writer.writeInt(END_OF_LIST);
  }
  writer.writeInt(END_OF_LIST);
  return writer.finish();
}

function writeHeaders(writer: FrameWriter, headers: readonly Header[]): void {
  writer.writeInt(headers.length);
  for (const [name, value] of headers) {
    writer.writeText(name);
    writer.writeText(value);
  }
}

/** The pieces of a reply to LOAD or PREDICT. */
export function encodeReply(frame: ReplyFrame): Uint8Array[] {
  const writer = createFrameWriter();
  writer.writeInt(frame.code);
  writer.writeText(frame.message);
  for (const row of frame.rows) {
    writer.writeText(row.requestId);
    writer.writeText(row.contentType);
    writer.writeInt(row.status);
    writer.writeText(row.reason);
    writeHeaders(writer, row.headers);
    writer.writeValue(row.body);
  }
  writer.writeInt(END_OF_LIST);
  return writer.finish();
}
