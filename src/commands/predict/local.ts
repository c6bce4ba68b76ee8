import { access } from 'node:fs/promises';
import { openArchive } from '../../core/archive/open-archive.js';
import { readErrorBody } from '../../core/client/explain-reply.js';
import { EisenError } from '../../core/errors/error.js';
import type { Metadata } from '../../core/metadata/metadata.js';
import { METADATA_ENTRY } from '../../core/model/entry-names.js';
import { readMetadataEntry } from '../../core/model/json-entries.js';
import type { JobReply } from '../../core/serving/model-runtime.js';
import { runLocally } from '../../core/serving/pool/run-locally.js';
import { NON_FINITE_HEADER, readNonFinite } from '../../core/tensor/non-finite-header.js';
import type { ConnectFlags } from '../connect-options.js';
import { missingFile } from '../missing-file.js';
import type { Output } from '../output.js';
import { joinPieces } from './output-parts.js';
import type { Predictor } from './predictor.js';

const MSGPACK = 'application/msgpack';

/** The worker that a server would start, started for one prediction: the same bytes, no HTTP. */
export function createLocalPredictor(
  archivePath: string,
  output: Output,
  { timeoutMs }: Pick<ConnectFlags, 'timeoutMs'> = {},
): Predictor {
  return {
    label: archivePath,
    metadata: () => readArchiveMetadata(archivePath),
    async predict({ body, accept, signal }) {
      const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      const ends = [signal, late].filter((each) => each !== undefined);
      const reply = await runLocally({
        ...{ archivePath, timeoutMs },
        headers: [
          ['accept', accept],
          ['content-type', MSGPACK],
        ],
        parameters: [{ name: 'body', contentType: MSGPACK, value: body }],
        onStage: (stage) => output.stage(`${stage === 'loading' ? 'loading' : 'predicting with'} ${archivePath}`),
        ...(ends.length === 0 ? {} : { signal: AbortSignal.any(ends) }),
      }).catch((cause: unknown) => {
        if (late?.aborted !== true || signal?.aborted === true) throw cause;
        throw new EisenError('REQUEST_TIMEOUT', `${archivePath}: no result within ${timeoutMs! / 1000} s.`, {
          where: archivePath,
          hint: 'Give it more time with --timeout.',
          cause,
        });
      });
      if (reply.status >= 300) throw explainRow(reply);
      const [, counts] = reply.headers.find(([name]) => name === NON_FINITE_HEADER) ?? [];
      return {
        contentType: reply.contentType,
        body: joinPieces(reply.body),
        nonFinite: readNonFinite(counts),
      };
    },
    close: async () => undefined,
  };
}

/** A failed row says with its own code what was wrong: the exit code is that of a local fault, not of a server's. */
function explainRow(reply: JobReply): EisenError {
  const { code, message, hint, expected } = readErrorBody(joinPieces(reply.body));
  const text = message === '' ? `the worker answered with status ${reply.status}.` : message;
  return new EisenError(code ?? 'INTERNAL', text, {
    ...(hint === undefined ? {} : { hint }),
    ...(expected === undefined ? {} : { expected }),
  });
}

async function readArchiveMetadata(archivePath: string): Promise<Metadata> {
  if (/\.onnx$/i.test(archivePath)) {
    throw new EisenError('USAGE', `--model ${archivePath}: a bare graph has no chains; expected an archive.`, {
      where: archivePath,
      hint: `Make one: eisen-deploy package --model ${archivePath} --model-name NAME --version 1.0`,
    });
  }
  await access(archivePath).catch((cause: unknown) => {
    throw missingFile(archivePath, cause);
  });
  const archive = await openArchive(archivePath, { verify: true });
  try {
    return await readMetadataEntry(archive, `${archivePath}/${METADATA_ENTRY}`);
  } finally {
    await archive.close();
  }
}
