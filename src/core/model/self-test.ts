import path from 'node:path';
import { openArchive } from '../archive/open-archive.js';
import type { EisenServingHandler } from './handler.js';
import { checkSampleReply, readSample, sampleRequest } from './sample.js';

/**
 * Answers the sample of a loaded archive and compares: true when the reply is the expected one, false when the archive
 * carries no sample. Throws MAR_SAMPLE when the reply is another.
 */
export async function runSelfTest(handler: EisenServingHandler, archivePath: string): Promise<boolean> {
  const archive = await openArchive(archivePath);
  const where = `${path.basename(archivePath)}: sample`;
  try {
    const sample = await readSample(archive, where);
    if (sample === null) return false;
    const { headers, body } = sampleRequest(sample.input, sample.expected.name);
    const [result] = await handler.handle([{ headers, parameters: [body] }]);
    const reply =
      result!.reply === undefined
        ? { status: result!.error.httpStatus, body: [Buffer.from(JSON.stringify({ message: result!.error.message }))] }
        : { status: 200, body: result!.reply.body };
    checkSampleReply(sample.expected, reply, where);
    return true;
  } finally {
    await archive.close();
  }
}
