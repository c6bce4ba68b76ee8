import { EisenError } from '../../errors/error.js';
import { type ModelOverrides, readModelOverrides } from './model-overrides.js';
import type { ServerConfig, StartupModel } from './server-config.js';

/**
 * Parses the JSON of `model_snapshot` into the settings of its models.
 * @throws EisenError CONFIG_INVALID when it is not of the peer's form or a model names no archive.
 */
function parseModelSnapshot(text: string): ModelOverrides {
  const where = 'model_snapshot';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EisenError('CONFIG_INVALID', `${where}: not JSON (${(cause as Error).message}).`, { where, cause });
  }
  const models = readModelOverrides((value as { models?: unknown } | null)?.models ?? null, `${where}.models`);
  for (const [name, versions] of models) {
    for (const [version, { marName }] of versions) {
      if (marName !== undefined) continue;
      throw new EisenError(
        'CONFIG_INVALID',
        `${where}.models.${name}.${version}: found no marName; expected a file of the model store.`,
        { where, expected: 'marName', found: 'none' },
      );
    }
  }
  return models;
}

/**
 * The configuration with the models of its snapshot in place of `load_models`; unchanged when it carries none or when the
 * command line names models, which wins.
 */
export function applySnapshot(config: ServerConfig, options: { readonly modelsFromFlags: boolean }): ServerConfig {
  if (config.modelSnapshot === null || options.modelsFromFlags) return config;
  const modelOverrides = parseModelSnapshot(config.modelSnapshot);
  const loadModels: StartupModel[] = [...modelOverrides].flatMap(([name, versions]) =>
    [...versions.values()].map(({ marName }) => ({ name, url: marName ?? '' })),
  );
  return { ...config, modelOverrides, loadModels };
}
