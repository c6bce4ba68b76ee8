import { describe, expect, it } from '@jest/globals';
import { explainReply } from '../../../src/core/client/explain-reply.js';

const url = new URL('http://h:1/predictions/m');
const explain = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  explainReply({ status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }, url);

describe('an error reply is', () => {
  it.each<[string, number, unknown, string, string]>([
    [
      'no such model',
      404,
      { code: 404, type: 'ModelNotFoundException', message: 'Model not found: m' },
      'MODEL_NOT_FOUND',
      'h:1: Model not found: m',
    ],
    [
      'no such version',
      404,
      { type: 'ModelVersionNotFoundException', message: 'Model version: 2 …' },
      'MODEL_NOT_FOUND',
      'h:1: Model version: 2 …',
    ],
    [
      'no such path',
      404,
      { type: 'ResourceNotFoundException', message: 'Requested resource is not found' },
      'SERVER_REFUSED',
      'h:1/predictions/m: Requested resource is not found',
    ],
    [
      'a missing token at TorchServe',
      400,
      { type: 'InvalidKeyException', message: 'Token Authorization failed.' },
      'TOKEN_REFUSED',
      'h:1/predictions/m: Token Authorization failed.',
    ],
    ['a missing token elsewhere', 401, '', 'TOKEN_REFUSED', 'h:1/predictions/m: HTTP status 401'],
    ['a bad request without more', 400, {}, 'SERVER_REFUSED', 'h:1/predictions/m: HTTP status 400'],
    [
      'a bad input that the server names',
      400,
      { type: 'BadRequestException', message: 'x', detail: { code: 'NIFTI_INVALID' } },
      'NIFTI_INVALID',
      'x',
    ],
    [
      'busy: nobody can serve',
      503,
      { type: 'ServiceUnavailableException', message: 'no worker' },
      'SERVER_BUSY',
      'h:1/predictions/m: no worker',
    ],
    ['busy: a gateway', 504, '<html>', 'SERVER_BUSY', 'h:1/predictions/m: HTTP status 504'],
    [
      'failed: the handler raised',
      503,
      { type: 'InternalServerException', message: 'Prediction failed' },
      'SERVER_FAILED',
      'h:1/predictions/m: Prediction failed',
    ],
    [
      'failed: the worker died',
      500,
      { type: 'InternalServerException', message: 'Worker died.', detail: { code: 'WORKER_DIED', reason: 'signal 9' } },
      'WORKER_DIED',
      'h:1/predictions/m: signal 9',
    ],
    [
      'failed: the worker passed its memory ceiling',
      507,
      { type: 'InternalServerException', message: 'Worker died.', detail: { code: 'WORKER_OUT_OF_MEMORY' } },
      'WORKER_OUT_OF_MEMORY',
      'h:1/predictions/m: Worker died.',
    ],
    [
      'failed: a fault of the server is none of this program',
      500,
      { message: 'x', detail: { code: 'INTERNAL' } },
      'SERVER_FAILED',
      'h:1/predictions/m: x',
    ],
    [
      'failed: a code that belongs to no fault of a server',
      500,
      { message: 'x', detail: { code: 'USAGE' } },
      'SERVER_FAILED',
      'h:1/predictions/m: x',
    ],
    ['a fault of a server that speaks no JSON', 502, 'Bad Gateway', 'SERVER_FAILED', 'h:1/predictions/m: Bad Gateway'],
    ['a redirection', 302, '', 'SERVER_REFUSED', 'h:1/predictions/m: the server points elsewhere (302).'],
    ['too large', 413, '', 'SERVER_REFUSED', 'h:1/predictions/m: HTTP status 413'],
    [
      'of a server that names errors as KServe does',
      400,
      { error: 'bad shape' },
      'SERVER_REFUSED',
      'h:1/predictions/m: bad shape',
    ],
  ])('%s', (_what, status, body, code, message) => {
    expect(explain(status, body)).toMatchObject({ code, message });
  });

  it('a refused token with the words of the server on which one it takes, and how to give it', () => {
    const hint = 'This path takes the management token of key_file.json.';
    expect(explain(400, { type: 'InvalidKeyException', message: 'x', detail: { hint } })).toMatchObject({
      exitCode: 5,
      details: { hint: `${hint} Give the right token with --token-file or EISEN_TOKEN.` },
    });
  });

  it('a bad input with exit code 3, as a local run gives it', () => {
    expect(explain(400, { message: 'x', detail: { code: 'NIFTI_INVALID' } }).exitCode).toBe(3);
  });

  it('told when to come back', () => {
    const error = explain(503, { type: 'ServiceUnavailableException', message: 'full' }, { 'retry-after': '7' });
    expect(error).toMatchObject({ exitCode: 75, details: { hint: 'Try again in 7 s.' } });
  });

  it('passed on with its hint', () => {
    expect(explain(500, { message: 'x', detail: { hint: 'Turn it off and on.' } }).details.hint).toBe(
      'Turn it off and on.',
    );
  });

  it('unable to steer the terminal or to name a code that does not exist', () => {
    const error = explain(400, { message: 'a\u001b[2Jb\nc', detail: { code: 'constructor' } });
    expect(error).toMatchObject({ code: 'SERVER_REFUSED', message: 'h:1/predictions/m: a [2Jb c' });
  });
});
