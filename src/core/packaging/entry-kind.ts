import { INTEGRITY_NAME } from '../archive/integrity.js';
import { MANIFEST_NAME, type Manifest } from '../archive/manifest.js';
import { METADATA_ENTRY, POST_ENTRY, PRE_ENTRY } from '../model/entry-names.js';
import { SAMPLE_FOLDER } from '../model/sample.js';
import { PROVENANCE_ENTRY } from './provenance.js';

const BY_NAME: ReadonlyMap<string, string> = new Map([
  [MANIFEST_NAME, 'manifest'],
  [INTEGRITY_NAME, 'integrity list'],
  [PROVENANCE_ENTRY, 'provenance'],
  [METADATA_ENTRY, 'metadata'],
  [PRE_ENTRY, 'pre-processing chain'],
  [POST_ENTRY, 'post-processing chain'],
]);

const BY_ENDING: readonly (readonly [RegExp, string])[] = [
  [/\.onnx$/i, 'ONNX model'],
  [/\.(pkl|pickle|dill|joblib)$/i, 'Python pickle (never opened)'],
  [/\.(pt|pth|pt2|bin|safetensors|data)$/i, 'weights'],
  [/\.py$/i, 'Python code (not run unless asked for)'],
  [/\.(so|dylib|dll)$/i, 'native code (never run)'],
  [/\.ya?ml$/i, 'configuration'],
  [/\.json$/i, 'JSON'],
  [/\.(txt|md|rst)$/i, 'text'],
];

/** What an entry is, for people; judged by its name and the manifest, not by opening it. */
export function describeEntry(name: string, manifest: Manifest | null): string {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  if (name.startsWith(`${SAMPLE_FOLDER}/`)) return 'sample';
  if (name === manifest?.model.requirementsFile) return 'Python requirements';
  if (name === manifest?.model.configFile) return 'configuration';
  return BY_ENDING.find(([pattern]) => pattern.test(name))?.[1] ?? 'file';
}
