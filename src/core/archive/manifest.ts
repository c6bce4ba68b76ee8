import type { Plain } from '../tensor/value.js';

export const MANIFEST_NAME = 'MAR-INF/MANIFEST.json';
/** The archiver's rule for model names; the name becomes a part of URLs and of file names. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_\-.]*$/;

/** The model block of a manifest. Every file is named by its place in the archive. */
export interface ManifestModel {
  readonly modelName?: string;
  readonly modelVersion?: string;
  readonly description?: string;
  readonly handler?: string;
  readonly serializedFile?: string;
  readonly modelFile?: string;
  readonly requirementsFile?: string;
  readonly configFile?: string;
  readonly extensions?: Plain;
}

/** MAR-INF/MANIFEST.json as far as this program uses it; archives of every archiver version have this core. */
export interface Manifest {
  readonly runtime: string;
  readonly createdOn?: string;
  readonly description?: string;
  readonly archiverVersion?: string;
  readonly model: ManifestModel;
}
