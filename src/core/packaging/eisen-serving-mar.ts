import type { PackedArchive } from '../archive/pack-archive.js';
import { EisenError } from '../errors/error.js';
import { parseMetadataValue } from '../metadata/parse-metadata.js';
import { type Chain, parseChain } from '../transforms/chain.js';
import { packEisenArchive } from './pack-eisen-archive.js';

/**
 * Packages a model with the transform chains round it, as Eisen's class of the same name: `pack` writes
 * `<dstPath>/<modelName>.mar`, refuses an existing one, and checks everything before it writes.
 */
export class EisenServingMAR {
  readonly #pre: Chain;
  readonly #post: Chain;
  readonly #metaData: unknown;
  readonly #handler: string | undefined;

  /**
   * The chains are JSON documents (a list of `{type, params}` or `{format, Transforms}`), `metaData` is the dictionary of
   * createMetadata. `handler` replaces the Python code that TorchServe would run. Throws CHAIN_INVALID and its like.
   */
  constructor(preProcessing: unknown, postProcessing: unknown, metaData: unknown, handler?: string) {
    this.#pre = parseChain(preProcessing, 'pre-processing', 'pre');
    this.#post = parseChain(postProcessing, 'post-processing', 'post');
    this.#metaData = metaData;
    this.#handler = handler;
  }

  /**
   * Writes the archive. `model` is the path of an ONNX file or its bytes; `dstPath` a folder that exists; `additionalFiles`
   * files, folders or patterns. Throws PACKAGE_UNFIT, MODEL_LOAD_FAILED, FILE_EXISTS, USAGE, DISK_FULL.
   */
  async pack(
    model: string | Uint8Array,
    dstPath: string,
    modelName: string,
    modelVersion: string | number,
    additionalFiles?: readonly string[],
  ): Promise<PackedArchive> {
    if (additionalFiles?.some((file) => file.includes(',')) === true) {
      throw new EisenError('USAGE', 'additionalFiles: a name with a comma cannot be packaged.', {
        where: 'additionalFiles',
      });
    }
    return packEisenArchive({
      model,
      metadata: parseMetadataValue(this.#metaData, 'metadata'),
      pre: this.#pre,
      post: this.#post,
      handler: this.#handler,
      modelName,
      version: String(modelVersion),
      exportPath: dstPath,
      format: 'default',
      force: false,
      runtime: 'python',
      extraFiles: additionalFiles?.join(','),
      env: process.env,
      warn: (line) => process.emitWarning(line, 'EisenPackageWarning'),
    });
  }
}
