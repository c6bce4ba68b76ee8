import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createClientSignal } from '../../../../src/core/serving/http/client-signal.js';

function openResponse() {
  const response = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false });
  const close = (isAnswered: boolean): void => {
    Object.assign(response, { destroyed: true, writableFinished: isAnswered });
    response.emit('close');
  };
  return { response, close, signal: createClientSignal(response as unknown as ServerResponse) };
}

describe('the signal of a client', () => {
  it('tells every listener that has not left, once, when the client goes before its answer', () => {
    const { close, signal } = openResponse();
    const told: string[] = [];
    const leaver = (): void => void told.push('left');
    signal.addEventListener('abort', () => void told.push('first'));
    signal.addEventListener('abort', leaver);
    signal.addEventListener('abort', () => void told.push('second'));
    signal.removeEventListener('abort', leaver);
    expect(signal.aborted).toBe(false);
    close(false);
    close(false);
    expect(told).toEqual(['first', 'second']);
    expect(signal.aborted).toBe(true);
  });

  it('is silent when the reply was sent', () => {
    const { close, signal } = openResponse();
    let told = 0;
    signal.addEventListener('abort', () => {
      told += 1;
    });
    close(true);
    expect([told, signal.aborted]).toEqual([0, false]);
  });

  it('watches nothing before it is asked to', () => {
    const { response, signal } = openResponse();
    expect(response.listenerCount('close')).toBe(0);
    signal.removeEventListener('abort', () => undefined);
    expect(response.listenerCount('close')).toBe(0);
  });
});
