import type { ModelRuntime, ModelSettings } from './model-runtime.js';

/** What a registration asks for; everything but the archive may be left to manifest and configuration. */
export interface ModelRequest {
  /** An archive file or an unpacked folder. */
  readonly archivePath: string;
  /** In place of the name in the manifest. */
  readonly name?: string;
  /** In place of the handler in the manifest. */
  readonly handler?: string;
  /** In place of the runtime in the manifest: python, python3 or LSP. */
  readonly runtimeName?: string;
  /** Settings named in the request itself; they win over the archive's and the configuration's. */
  readonly settings: Partial<ModelSettings>;
}

export interface CreatedModel {
  /** Has no workers yet: `scale` starts them. */
  readonly runtime: ModelRuntime;
  readonly runtimeName: string;
  /** The workers that archive and configuration ask for, when they do. */
  readonly wantedWorkers: { readonly min: number; readonly max: number } | null;
}

/** Reads an archive and makes a model of it that no worker runs yet. Throws the codes of the archive, e.g. MAR_INVALID. */
export type ModelFactory = (request: ModelRequest) => Promise<CreatedModel>;
