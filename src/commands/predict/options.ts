import { EisenError } from '../../core/errors/error.js';
import type { ConnectFlags } from '../connect-options.js';

/** The file forms that an output can be asked for in, and the media type that asks for it. */
export const FORMATS = {
  nifti: 'application/x-nifti+gzip',
  npy: 'application/x-npy',
  json: 'application/json',
  png: 'image/png',
} as const;

export type Format = keyof typeof FORMATS;

/** `predict` as the command line gives it. */
export interface PredictOptions extends ConnectFlags {
  /** `name=file`, or a bare file for the only input. */
  readonly input: readonly string[];
  readonly url?: string;
  readonly model?: string;
  readonly chain?: string;
  /** `name=file`, a bare file for the only output, or a folder. */
  readonly output: readonly string[];
  readonly format?: string;
  /** A PNG file: the label map drawn over the input. */
  readonly overlay?: string;
  /** Overwrite what is there. */
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** Folder that file names inside of a chain are relative to; only with `chain`. */
  readonly dataDir?: string;
}

export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** Refuses what cannot go together; throws USAGE. */
export function checkPredictOptions(options: PredictOptions): void {
  const { url, model, chain, format } = options;
  if (options.input.length === 0) throw usage('nothing to predict', 'Name a file: --input volume.nii.gz');
  for (const [flag, texts] of [
    ['--input', options.input],
    ['--output', options.output],
  ] as const) {
    if (!texts.some((text) => text === '-' || text.endsWith('=-'))) continue;
    throw usage(`${flag} - is no file: there is no stdin or stdout here`, 'Name a file; one called - is ./-');
  }
  const ways = Object.entries({ url, model, chain }).filter(([, value]) => value !== undefined);
  if (ways.length > 1) {
    throw usage(`${ways.map(([name]) => `--${name}`).join(' and ')} exclude each other`, 'Give one of them.');
  }
  if (format !== undefined && !Object.hasOwn(FORMATS, format)) {
    throw usage(`--format ${format} is unknown`, `There are ${Object.keys(FORMATS).join(', ')}.`);
  }
  if (options.overlay !== undefined && chain !== undefined) {
    throw usage('--overlay needs a model', 'With --chain, end the chain with CompositeOverlay.');
  }
  if (options.overlay !== undefined && !/\.png$/i.test(options.overlay)) {
    throw usage(`--overlay ${options.overlay}: expected the name of a .png file`, 'The picture is a PNG.');
  }
  if (chain !== undefined && options.output.length === 0) {
    throw usage('--chain needs to know what to write', 'Name a field and a file: --output image=out.npy');
  }
}

function usage(what: string, hint: string): EisenError {
  return new EisenError('USAGE', `predict: ${what}.`, { hint });
}
