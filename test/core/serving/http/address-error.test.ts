import { describe, expect, it } from '@jest/globals';
import { explainListenError } from '../../../../src/core/serving/http/address-error.js';

const address = { kind: 'tcp', tls: false, host: '127.0.0.1', port: 8080 } as const;
const fault = (code: string): Error => Object.assign(new Error(`listen ${code}`), { code });

describe('an address that cannot be listened on', () => {
  it('names address, APIs, reason and what to do', () => {
    const error = explainListenError(fault('EADDRINUSE'), address, ['inference']);
    expect(error.code).toBe('ADDRESS_UNUSABLE');
    expect(error.message).toBe(
      'cannot listen on http://127.0.0.1:8080 for the inference API: another program has taken it (EADDRINUSE). Stop that program ' +
        '(is it a server of yours? then: eisen-deploy serve --stop), or choose another address: inference_address in ' +
        'config.properties, or one for all APIs by --host and --port.',
    );
  });

  it.each([
    ['EACCES', 'this user may not listen there'],
    ['EADDRNOTAVAIL', 'this machine has no such address'],
    ['ENOTFOUND', 'the name of the host is not known'],
  ])('says what %s means', (code, reason) => {
    const error = explainListenError(fault(code), address, ['management', 'metrics']);
    expect(error.message).toContain(`for the management and metrics API: ${reason} (${code}). Choose another address`);
    expect(error.details.where).toBe('management_address, metrics_address');
  });

  it('hands on the words of the system for what it does not know', () => {
    const unix = { kind: 'unix', path: '/tmp/s' } as const;
    expect(explainListenError(new Error('odd'), unix, ['inference']).message).toContain(
      'listen on unix:/tmp/s for the inference API: odd. ',
    );
  });
});
