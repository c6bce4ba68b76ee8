import { didYouMean } from '../../errors/nearest-name.js';
import { CONFIG_KEYS } from './config-keys.js';
import { type ConfigValues, expandVariables, readBoolean } from './config-values.js';
import type { ServeFlags } from './serve-flags.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The keys that the command line decides. */
function listFlagValues(flags: ServeFlags): [string, string][] {
  const values: [string, string | undefined][] = [
    ['model_store', flags.modelStore],
    ['workflow_store', flags.workflowStore],
    ['load_models', flags.models?.join(',')],
    ['enable_model_api', flags.enableModelApi === true ? 'true' : undefined],
    ['disable_token_authorization', flags.disableTokenAuth === true ? 'true' : undefined],
    ['enable_token_authorization', flags.enableTokenAuth === true ? 'true' : undefined],
    ['public_metrics', flags.publicMetrics === true ? 'true' : undefined],
    ['device', flags.device],
    ['allow_archive_code', flags.allowArchiveCode === true ? 'true' : undefined],
    ['python', flags.python],
    ['log_format', flags.logFormat],
    ['dangerously_expose_management', flags.dangerouslyExposeManagement === true ? 'true' : undefined],
  ];
  return values.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** Secrets may come by environment without further ado: a file is the worse place for them. */
const ALWAYS_FROM_ENV = ['inference_token', 'management_token'];

function listEnvironmentValues(values: ConfigValues, env: Environment): [string, string][] {
  const enabled = readBoolean(values, 'enable_envvars_config', false);
  const urlsEnabled = readBoolean(values, 'use_env_allowed_urls', false);
  return [...CONFIG_KEYS.values()].flatMap(({ name, env: variable }): [string, string][] => {
    const value = variable === null ? undefined : env[variable];
    if (value === undefined) return [];
    const wanted = ALWAYS_FROM_ENV.includes(name) || (enabled && (name !== 'allowed_urls' || urlsEnabled));
    return wanted ? [[name, value]] : [];
  });
}

/**
 * Merges the three sources, the stronger over the weaker: environment over command line over file, as the peer does; then
 * replaces `$$NAME$$`. Keys that nobody knows and keys without effect are told in `warnings`.
 */
export function mergeConfigValues(input: {
  readonly properties: ConfigValues;
  readonly env: Environment;
  readonly flags: ServeFlags;
}): { values: Map<string, string>; warnings: string[] } {
  const merged = new Map<string, string>([...input.properties, ...listFlagValues(input.flags)]);
  for (const [key, value] of listEnvironmentValues(merged, input.env)) merged.set(key, value);
  const values = new Map<string, string>();
  for (const [key, value] of merged) values.set(key, expandVariables(value, input.env));
  const warnings = [...values.keys()].flatMap((key) => {
    const known = CONFIG_KEYS.get(key);
    if (known === undefined)
      return [`unknown configuration key '${key}' is ignored.${didYouMean(key, CONFIG_KEYS.keys())}`];
    return known.verdict === 'ignore' ? [`configuration key '${key}' has no effect: ${known.note}.`] : [];
  });
  return { values, warnings };
}
