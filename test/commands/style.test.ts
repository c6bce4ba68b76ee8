import { expect, it } from '@jest/globals';
import { createStyle, isColourful } from '../../src/commands/style.js';

it.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', {}, {}, false],
  ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['a terminal with FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
])('%s: colours %s %s are %s', (_what, stream, env, colourful) => {
  expect(isColourful(stream, env)).toBe(colourful);
  expect(createStyle(stream, env).bad('x').includes('\u001b')).toBe(colourful);
});
