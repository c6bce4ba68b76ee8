import { describe, expect, it } from '@jest/globals';
import {
  isLoopbackAddress,
  isSameAddress,
  type ListenAddress,
  parseListenAddress,
  renderListenAddress,
} from '../../../../src/core/serving/config/listen-address.js';

describe('listen addresses', () => {
  it.each([
    ['http://127.0.0.1:8080', 'inference', 'http://127.0.0.1:8080', true],
    ['https://model.example', 'inference', 'https://model.example:443', false],
    ['http://0.0.0.0', 'inference', 'http://0.0.0.0:80', false],
    ['http://localhost', 'management', 'http://localhost:8081', true],
    ['https://localhost', 'management', 'https://localhost:8444', true],
    ['http://127.8.9.1', 'metrics', 'http://127.8.9.1:8082', true],
    ['https://10.0.0.1', 'metrics', 'https://10.0.0.1:8445', false],
    ['http://[::1]:9', 'inference', 'http://[::1]:9', true],
    ['http://[::]:9', 'inference', 'http://[::]:9', false],
    ['unix:/tmp/x.sock', 'inference', 'unix:/tmp/x.sock', true],
    ['http://127.0.0.1:0', 'inference', 'http://127.0.0.1:0', true],
  ] as const)('reads %s for %s as %s', (text, api, rendered, loopback) => {
    const address = parseListenAddress(text, api);
    expect(renderListenAddress(address)).toBe(rendered);
    expect(isLoopbackAddress(address)).toBe(loopback);
  });

  it.each([
    ['ftp://x', 'Invalid binding address: ftp://x'],
    ['http://a:b', 'Invalid binding address: http://a:b'],
    ['http://', 'Invalid binding address: http://'],
    ['unix:', 'Invalid binding address: unix:'],
    ['unix:relative', 'Invalid binding address: unix:relative'],
    ['http://a:65535', 'Invalid port number: 65535'],
    ['http://a:99999', 'Invalid port number: 99999'],
  ])('refuses %s', (text, message) => {
    expect(() => parseListenAddress(text, 'inference')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('tells equal addresses, and never two ports that the system chooses', () => {
    const free = parseListenAddress('http://127.0.0.1:0', 'inference');
    const fixed = (): ListenAddress => parseListenAddress('http://127.0.0.1:80', 'inference');
    expect(isSameAddress(fixed(), fixed())).toBe(true);
    expect(isSameAddress(free, free)).toBe(true);
    expect(isSameAddress(free, { ...free })).toBe(false);
  });
});
