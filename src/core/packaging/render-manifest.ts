import { VERSION } from '../../version.js';

export const RUNTIMES = ['python', 'python3', 'LSP'] as const;
export type Runtime = (typeof RUNTIMES)[number];

export interface ManifestFields {
  readonly createdOn: string;
  readonly runtime: Runtime;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly serializedFile?: string;
  readonly handler?: string;
  readonly modelFile?: string;
  readonly requirementsFile?: string;
  readonly configFile?: string;
}

/** MANIFEST.json with torch-model-archiver's keys in its order and Python's form of JSON (ASCII, no final newline). */
export function renderManifest(fields: ManifestFields): string {
  const {
    createdOn,
    runtime,
    modelName,
    modelVersion,
    serializedFile,
    handler,
    modelFile,
    requirementsFile,
    configFile,
  } = fields;
  const model = { modelName, serializedFile, handler, modelFile, modelVersion, requirementsFile, configFile };
  const text = JSON.stringify({ createdOn, runtime, model, archiverVersion: `eisen-deploy ${VERSION}` }, null, 2);
  return text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
