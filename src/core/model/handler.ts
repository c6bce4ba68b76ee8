import { type ContentCache, defaultCacheFolder, openContentCache } from '../archive/content-cache.js';
import { openArchive } from '../archive/open-archive.js';
import { EisenError, isEisenError } from '../errors/error.js';
import type { Metadata } from '../metadata/metadata.js';
import type { NdArray } from '../tensor/ndarray.js';
import { NON_FINITE_HEADER } from '../tensor/non-finite-header.js';
import type { Fields } from '../tensor/value.js';
import { runChain } from '../transforms/run-chain.js';
import { bindNames, type NameBinding } from './bind-names.js';
import { takesFilesOnly } from './codecs/accept.js';
import { decodeBody } from './codecs/decode-body.js';
import { encodeReply } from './codecs/encode-reply.js';
import { explainFailure } from './explain-failure.js';
import { feedTensors } from './feed-tensors.js';
import type { DecodedBody, HandlerReply, HandlerResult, HandlerRow, StageTimes } from './handler-row.js';
import { findHeader } from './handler-row.js';
import { type ModelFiles, readModelFiles } from './model-files.js';
import { describeNonFinite, layOverOutputs } from './model-outputs.js';
import type { Prepacking } from './prepacking.js';
import {
  asksForMetadata,
  declaredOutputs,
  describeMissing,
  keepDeclaredInputs,
  refuseIncomplete,
  WARNING_HEADER,
} from './request-fields.js';
import { runRows } from './run-rows.js';
import { createModelSession, type ModelSession } from './session.js';

export interface HandlerOptions {
  /** Threads inside of one operator; 1 unless given. */
  readonly threads?: number;
  /** Whether weights of matrix products are laid out anew at load; 'auto' unless given. */
  readonly prepacking?: Prepacking;
  /** One line for the log: warnings at load. */
  readonly say?: (line: string) => void;
}

interface Loaded {
  readonly files: ModelFiles;
  readonly binding: NameBinding;
  readonly session: ModelSession;
}

/** A row between its stages. */
interface Running {
  readonly row: HandlerRow;
  readonly stages: StageTimes;
  body?: DecodedBody;
  fields?: Fields;
  feeds?: Map<string, NdArray>;
  /** Names and counts of outputs that hold numbers which are none; empty when all is well. */
  nonFinite: string;
  result?: { reply: HandlerReply } | { error: EisenError };
}

const LOAD_ATTEMPTS = 3;

/** null when the archive was replaced on disk meanwhile: the weights may then be another model's. */
async function load(archivePath: string, options: HandlerOptions): Promise<Loaded | null> {
  const archive = await openArchive(archivePath);
  try {
    const openCache = (): Promise<ContentCache> => openContentCache({ folder: defaultCacheFolder(process.env) });
    const files = await readModelFiles(archive, { openCache, prepacking: options.prepacking });
    const { plan } = files;
    const binding = bindNames(files.metadata, plan.graph);
    const session = await createModelSession(plan.model, { ...plan, threads: options.threads ?? 1 }).catch((error) => {
      if (plan.isCurrent()) throw error;
      return null;
    });
    if (session === null) return null;
    if (!plan.isCurrent()) {
      await session.release();
      return null;
    }
    for (const warning of [...plan.notes, ...binding.warnings]) options.say?.(warning);
    return { files, binding, session };
  } finally {
    await archive.close();
  }
}

function withHeader(reply: HandlerReply, header: HandlerReply['headers'][number]): HandlerReply {
  return { ...reply, headers: [...reply.headers, header] };
}

function asEisenError(thrown: unknown): EisenError {
  if (isEisenError(thrown)) return thrown;
  return new EisenError('INTERNAL', 'The handler failed on this request.', { cause: thrown });
}

/**
 * Runs a packaged model: pre-processing chain, ONNX model, post-processing chain. The inference blocks the thread it runs
 * in, so a server keeps handlers in worker processes; a program of your own may call one directly.
 */
export class EisenServingHandler {
  #loaded: Loaded | undefined;

  /** Opens the archive (a .mar, .tgz or folder) and loads the model. Throws MAR_*, METADATA_*, CHAIN_*, MODEL_LOAD_FAILED. */
  async initialize(archivePath: string, options: HandlerOptions = {}): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const loaded = await load(archivePath, options);
      if (loaded !== null) {
        this.#loaded = loaded;
        return;
      }
      if (attempt === LOAD_ATTEMPTS) {
        throw new EisenError('MODEL_LOAD_FAILED', 'The archive was replaced again and again while it was loaded.');
      }
    }
  }

  /** The metadata dictionary of the archive. */
  getMetadata(): Metadata {
    return this.#need().files.metadata;
  }

  /** Runs the pre-processing chain over named values. */
  preProcess(fields: Fields): Promise<Fields> {
    return runChain(this.#need().files.pre, fields);
  }

  /** Runs the model: its inputs taken by name from `fields`, its outputs named by `model_output_list`, inputs laid over them. */
  async inference(fields: Fields): Promise<Fields> {
    const { binding, session } = this.#need();
    const feeds = await feedTensors(fields, binding);
    const outputs = await session.run(feeds).catch((error: unknown) => {
      throw explainFailure({ error, feeds, binding });
    });
    return layOverOutputs({ inputs: fields, outputs, binding });
  }

  /** Runs the post-processing chain over named values. */
  postProcess(fields: Fields): Promise<Fields> {
    return runChain(this.#need().files.post, fields);
  }

  /** Frees the model. */
  async release(): Promise<void> {
    await this.#loaded?.session.release();
    this.#loaded = undefined;
  }

  /** Answers every row; never throws for one. Rows whose tensors have equal shapes run as one batch where the graph has a free first axis. */
  async handle(rows: readonly HandlerRow[]): Promise<HandlerResult[]> {
    const running = rows.map(
      (row): Running => ({
        row,
        nonFinite: '',
        stages: { decode: 0, preProcess: 0, inference: 0, postProcess: 0, encode: 0 },
      }),
    );
    for (const item of running) await this.#attempt(item, () => this.#prepare(item));
    const open = running.filter((item) => item.result === undefined);
    await this.#inferAll(open);
    for (const item of open) if (item.result === undefined) await this.#attempt(item, () => this.#finish(item));
    return running.map(({ stages, result }) => ({ stages, ...result! }));
  }

  async #attempt(item: Running, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      item.result = { error: asEisenError(error) };
    }
  }

  async #prepare(item: Running): Promise<void> {
    const { metadata } = this.#need().files;
    const start = performance.now();
    const wantsMetadata = findHeader(item.row, 'describe') === 'True';
    const body = wantsMetadata ? null : decodeBody(item.row, metadata.inputs);
    item.stages.decode = performance.now() - start;
    if (body === null || asksForMetadata(body.fields, metadata)) {
      if (body !== null && takesFilesOnly(findHeader(item.row, 'accept')))
        throw refuseIncomplete(body.fields, metadata);
      const text = Buffer.from(JSON.stringify(metadata));
      const headers: HandlerReply['headers'] =
        body === null ? [] : [[WARNING_HEADER, describeMissing(body.fields, metadata)]];
      item.result = { reply: { contentType: 'application/json', headers, body: [text] } };
      return;
    }
    item.body = body;
    const fields = await this.preProcess(keepDeclaredInputs(body.fields, metadata));
    item.feeds = await feedTensors(fields, this.#need().binding);
    item.fields = fields;
    item.stages.preProcess = performance.now() - start - item.stages.decode;
  }

  async #inferAll(items: readonly Running[]): Promise<void> {
    const { session, files, binding } = this.#need();
    const feeds = items.map((item) => item.feeds!);
    const results = await runRows({ session, graph: files.plan.graph, feeds });
    for (const [n, item] of items.entries()) {
      const { outputs, error, elapsedMs } = results[n]!;
      item.stages.inference = elapsedMs;
      if (outputs === undefined)
        item.result = { error: asEisenError(explainFailure({ error, feeds: item.feeds!, binding })) };
      else {
        item.nonFinite = describeNonFinite(outputs, binding);
        item.fields = layOverOutputs({ inputs: item.fields!, outputs, binding });
      }
    }
  }

  async #finish(item: Running): Promise<void> {
    const start = performance.now();
    const fields = await this.postProcess(item.fields!);
    const outputs = declaredOutputs(fields, this.getMetadata());
    item.stages.postProcess = performance.now() - start;
    const { wire, gzipped, encode } = item.body!;
    const reply = encode?.(outputs) ?? encodeReply(outputs, { accept: findHeader(item.row, 'accept'), wire, gzipped });
    item.stages.encode = performance.now() - start - item.stages.postProcess;
    item.result = { reply: item.nonFinite === '' ? reply : withHeader(reply, [NON_FINITE_HEADER, item.nonFinite]) };
  }

  #need(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded;
    throw new EisenError('USAGE', 'The handler has no model yet; call initialize(archivePath) first.');
  }
}
