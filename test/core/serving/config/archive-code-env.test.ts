import { describe, expect, it } from '@jest/globals';
import { archiveCodeEnvironment } from '../../../../src/core/serving/config/archive-code-env.js';

describe('the environment of archive code', () => {
  const env = { PATH: '/bin', TS_INFERENCE_TOKEN: 's', TS_MANAGEMENT_TOKEN: 's', TS_KEYSTORE_PASS: 's', TORCH_X: '1' };

  it('never holds a token or a passphrase of the server', () => {
    const kept = archiveCodeEnvironment({ blockedWorkerEnv: null, decodeInputRequest: true }, env);
    expect(kept).toEqual({ PATH: '/bin', TORCH_X: '1', TS_DECODE_INPUT_REQUEST: 'true' });
  });

  it('holds nothing that the operator blocks, and says whether requests are decoded', () => {
    const kept = archiveCodeEnvironment({ blockedWorkerEnv: /^(?:TORCH_.*)$/i, decodeInputRequest: false }, env);
    expect(kept).toEqual({ PATH: '/bin', TS_DECODE_INPUT_REQUEST: 'false' });
  });
});
