import { countValueBytes, createFrameWriter, type FrameWriter } from './frame-writer.js';
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

/** Writes a PREDICT message. Throws LIMIT_EXCEEDED, with nothing written, for a value that the protocol cannot count. */
export function writePredict(writer: FrameWriter, rows: readonly OutgoingRow[]): void {
  for (const { parameters } of rows) for (const { value } of parameters) countValueBytes(value);
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
}

/** The pieces of a PREDICT message; the values of the rows are not copied when they are big. */
export function encodePredict(rows: readonly OutgoingRow[]): Uint8Array[] {
  const writer = createFrameWriter();
  writePredict(writer, rows);
  return writer.finish();
}

function writeHeaders(writer: FrameWriter, headers: readonly Header[]): void {
  writer.writeInt(headers.length);
  for (const [name, value] of headers) {
    writer.writeText(name);
    writer.writeText(value);
  }
}

/** Writes a reply to LOAD or PREDICT. Throws LIMIT_EXCEEDED, with nothing written, for a body that the protocol cannot count. */
export function writeReply(writer: FrameWriter, frame: ReplyFrame): void {
  for (const { body } of frame.rows) countValueBytes(body);
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
}

/** The pieces of a reply; bodies are not copied when they are big. */
export function encodeReply(frame: ReplyFrame): Uint8Array[] {
  const writer = createFrameWriter();
  writeReply(writer, frame);
  return writer.finish();
}
