import type { Environment } from './effective-values.js';
import type { ServerConfig } from './server-config.js';

/** Variables by which the server itself is told secrets. */
const SECRETS = /^TS_(INFERENCE_TOKEN|MANAGEMENT_TOKEN|KEYSTORE_PASS)$/i;

/** The environment that the workers of archives with their own code choose from: without secrets and without what the operator blocks. */
export function archiveCodeEnvironment(
  config: Pick<ServerConfig, 'blockedWorkerEnv' | 'decodeInputRequest'>,
  env: Environment,
): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(
    ([name]) => !SECRETS.test(name) && config.blockedWorkerEnv?.test(name) !== true,
  );
  return { ...Object.fromEntries(kept), TS_DECODE_INPUT_REQUEST: String(config.decodeInputRequest) };
}
