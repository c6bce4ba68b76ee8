import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../src/core/errors/error.js';
import { decodePickleFields } from '../../../src/core/legacy/decode-pickle.js';
import { dictOf, pickleOf, u32 } from './pickle-bytes.js';

function codeOf(bytes: Uint8Array): string {
  try {
    decodePickleFields(bytes);
    return 'accepted';
  } catch (error) {
    return isEisenError(error) ? `${error.code} ${error.message}` : `foreign ${String(error)}`;
  }
}

const DTYPE_F4 = 'cnumpy\ndtype\n\x8c\x02f4\x89\x88\x87R';
const RECONSTRUCT = 'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R';

describe('a pickle that wants to run something is refused by name', () => {
  it.each([
    ['os.system by GLOBAL', dictOf('cposix\nsystem\n\x8c\x02id\x85R'), 'posix.system'],
    ['a name by STACK_GLOBAL', dictOf('\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R'), 'os.system'],
    ['builtins.eval', dictOf('cbuiltins\neval\n\x8c\x011\x85R'), 'builtins.eval'],
    ['builtins.getattr', dictOf('cbuiltins\ngetattr\n)R'), 'builtins.getattr'],
    ['a module with dots in the attribute', dictOf('cnumpy\nndarray.tofile\n'), 'numpy.ndarray.tofile'],
    ['torch storage', dictOf('ctorch._utils\n_rebuild_tensor_v2\n)R'), 'torch._utils._rebuild_tensor_v2'],
    ['a class of the server', dictOf('csubprocess\nPopen\n)\x81'), 'subprocess.Popen'],
    ['numpy.load', dictOf('cnumpy\nload\n)R'), 'numpy.load'],
    ['a call of a listed class that is no function', dictOf('cnumpy\nndarray\n)R'), 'a call of numpy.ndarray'],
    ['a call of a string', dictOf('\x8c\x04evil)R'), 'a call of string'],
    ['an object of a listed function', dictOf('cnumpy\ndtype\n)\x81'), 'an object of numpy.dtype'],
    ['BUILD on a list', dictOf(']}b'), 'a state for list'],
    ['BUILD on a dict', dictOf('}}b'), 'a state for dict'],
    ['PERSID', dictOf('Pabc\n'), 'PERSID'],
    ['BINPERSID', dictOf('K\x01Q'), 'BINPERSID'],
    ['INST', dictOf('(iposix\nsystem\n'), 'INST'],
    ['OBJ', dictOf('(cnumpy\nndarray\no'), 'OBJ'],
    ['EXT1', dictOf('\x82\x01'), 'EXT1'],
    ['EXT2', dictOf('\x83\x01\x00'), 'EXT2'],
    ['EXT4', dictOf('\x84\x01\x00\x00\x00'), 'EXT4'],
    ['NEWOBJ_EX', dictOf('cnumpy\nndarray\n)}\x92'), 'NEWOBJ_EX'],
    ['an out-of-band buffer', dictOf('\x97'), 'NEXT_BUFFER'],
    ['READONLY_BUFFER', dictOf('\x98'), 'READONLY_BUFFER'],
    ['an array of objects', dictOf('cnumpy\ndtype\n\x8c\x02O8\x89\x88\x87R'), 'the dtype O8'],
    ['an array of strings', dictOf('cnumpy\ndtype\n\x8c\x02U2\x89\x88\x87R'), 'the dtype U2'],
    ['a complex array', dictOf('cnumpy\ndtype\n\x8c\x03c16\x89\x88\x87R'), 'the dtype c16'],
    ['a structured dtype', dictOf(`${DTYPE_F4}(K\x03\x8c\x01<N\x8c\x01a\x85}K\x08K\x01K\x00tb`), 'structured dtype'],
    ['a subclass of ndarray', dictOf('cnumpy.core.multiarray\n_reconstruct\n\x8c\x06matrixR'), 'PICKLE_'],
    ['elements as a list', dictOf(`${RECONSTRUCT}(K\x01K\x00\x85${DTYPE_F4}\x89]tb`), 'elements that are list'],
    ['an encoding other than latin-1', dictOf('c_codecs\nencode\n\x8c\x01a\x8c\x04zlib\x86R'), 'zlib'],
  ])('%s', (_title, bytes, name) => {
    expect(codeOf(bytes)).toMatch(/^PICKLE_/);
    expect(codeOf(bytes)).toContain(name);
  });

  it('says that nothing was run', () => {
    expect(codeOf(dictOf('cposix\nsystem\n\x8c\x02id\x85R'))).toContain('nothing was run');
  });
});

describe('a damaged pickle ends as one clear error', () => {
  it.each([
    ['cut after the header', pickleOf('\x80\x04}'), 'needs 1 bytes; 0 are left'],
    ['cut inside a string', pickleOf('\x80\x04}X', u32(1000), 'abc'), 'needs 1000 bytes; 3 are left'],
    ['a string of 4 GiB', pickleOf('\x80\x04}X', u32(0xffffffff)), 'needs 4294967295 bytes'],
    ['bytes of 2^63', pickleOf('\x80\x04}\x8e', '\xff\xff\xff\xff\xff\xff\xff\x7f'), 'bytes; 0 are left'],
    ['a global without its line feed', pickleOf('\x80\x04cnumpy'), 'are left'],
    ['text that is not UTF-8', dictOf('\x8c\x01\xff'), 'not valid UTF-8'],
    ['an unknown opcode', dictOf('\xfe'), 'opcode 0xfe is unknown'],
    ['a stack that is empty', pickleOf('\x80\x04s.'), 'empty stack'],
    ['a read below the mark', pickleOf('\x80\x04}(0s.'), 'empty stack'],
    ['a mark that is missing', pickleOf('\x80\x04t.'), 'mark is missing'],
    ['a memo that is empty', dictOf('h\x63'), 'memo 99 is empty'],
    ['a key without a value', pickleOf('\x80\x04}(\x8c\x01au.'), 'key without a value'],
    ['an append to a tuple', dictOf(')K\x01a'), 'a list is needed and tuple is found'],
    ['bytes after the end', pickleOf('\x80\x04}.more'), '4 bytes follow the end'],
    ['an integer of 256 bytes', dictOf('\x8b', u32(256), new Uint8Array(256)), 'integer of 256 bytes'],
    ['a list instead of a dict', pickleOf('\x80\x04].'), 'the value is list'],
    ['a number instead of a dict', pickleOf('\x80\x04K\x01.'), 'the value is number'],
    ['a key that is a number', pickleOf('\x80\x04}K\x01K\x02s.'), 'not str'],
    ['the key __proto__', pickleOf('\x80\x04}\x8c\x09__proto__K\x02s.'), "'__proto__'"],
    ['the key __proto__ inside', dictOf('}\x8c\x09__proto__K\x02s'), "'__proto__'"],
    ['an array without its state', dictOf(RECONSTRUCT), 'without its state'],
    ['an array without a dtype', dictOf(`${RECONSTRUCT}(K\x01K\x00\x85N\x89C\x00tb`), 'without a dtype'],
    [
      'an array shape of text',
      dictOf(`${RECONSTRUCT}(K\x01\x8c\x01a\x85${DTYPE_F4}\x89C\x00tb`),
      'not a tuple of numbers',
    ],
    [
      'an array state of another version',
      dictOf(`${RECONSTRUCT}(K\x02K\x00\x85${DTYPE_F4}\x89C\x00tb`),
      'unknown form',
    ],
    ['_frombuffer with one argument', dictOf('cnumpy.core.numeric\n_frombuffer\nN\x85R'), 'its four arguments'],
    ['a set of a number', dictOf('cbuiltins\nset\nK\x01\x85R'), 'set of no list'],
    ['bytes past latin-1', dictOf('c_codecs\nencode\n\x8c\x03\xe2\x9c\x93\x8c\x06latin1\x86R'), 'past latin-1'],
    ['a complex number', dictOf('cbuiltins\ncomplex\nK\x01\x85R'), 'builtins.complex'],
    ['a class as a value', dictOf('cnumpy\nndarray\n'), "field 'x' is numpy.ndarray"],
    [
      'a float16 scalar in a list',
      dictOf(`](cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02f2\x85RC\x02\0\0\x86Re`),
      'is array',
    ],
  ])('%s', (_title, bytes, text) => {
    expect(codeOf(bytes)).toMatch(/^PICKLE_/);
    expect(codeOf(bytes)).toContain(text);
  });

  it('an array whose bytes do not fill its shape', () => {
    const bytes = dictOf(`${RECONSTRUCT}(K\x01K\x02\x85${DTYPE_F4}\x89C\x04\0\0\0\0tb`);
    expect(codeOf(bytes)).toContain('TENSOR_DATA body: float32 [2] needs 8 bytes; found 4');
  });

  it('an array axis that is negative', () => {
    expect(codeOf(dictOf(`${RECONSTRUCT}(K\x01J\xff\xff\xff\xff\x85${DTYPE_F4}\x89C\x00tb`))).toContain('TENSOR_SHAPE');
  });
});

describe('a pickle that grows through its memo is stopped', () => {
  it('lists that double thirty times', () => {
    const doubling = Array.from(
      { length: 30 },
      (_, n) => `0]\x94(h${String.fromCharCode(n)}h${String.fromCharCode(n)}e`,
    );
    expect(codeOf(dictOf(']\x94', ...doubling))).toContain('LIMIT_EXCEEDED');
  });

  it('a list that holds itself', () => {
    expect(codeOf(dictOf(']\x94h\x00a'))).toContain('LIMIT_EXCEEDED');
  });

  it('nesting past the depth cap', () => {
    expect(codeOf(dictOf(']'.repeat(100), 'a'.repeat(99)))).toContain('LIMIT_EXCEEDED');
  });

  it('one long text turned into bytes again and again', () => {
    const text = pickleOf('X', u32(100_000), 'a'.repeat(100_000), '\x94');
    const again = '0c_codecs\nencode\nh\x00\x8c\x06latin1\x86R'.repeat(50);
    expect(codeOf(dictOf(text, again))).toContain('LIMIT_EXCEEDED');
  });

  it('big-endian elements swapped again and again', () => {
    const data = pickleOf('B', u32(100_000), new Uint8Array(100_000), '\x94');
    const swap = '0cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x03>f4\x85Rh\x00\x86R';
    const one = `0cnumpy.core.numeric\n_frombuffer\n(h\x00cnumpy\ndtype\n\x8c\x03>f4\x85RJ\xa8\x61\x00\x00\x85\x8c\x01CtR`;
    expect(codeOf(dictOf(data, one.repeat(10)))).toContain('LIMIT_EXCEEDED');
    expect(codeOf(dictOf(data, swap))).toContain('TENSOR_DATA');
  });

  it('more values than the cap', () => {
    expect(codeOf(dictOf('(', 'N'.repeat(1_000_001), 't'))).toContain('LIMIT_EXCEEDED');
  });

  it('more fields than the cap', () => {
    const fields = Array.from({ length: 1100 }, (_, n) => `\x8c\x04${String(1000 + n)}N`);
    expect(codeOf(pickleOf('\x80\x04}(', ...fields, 'u.'))).toContain('LIMIT_EXCEEDED');
  });
});
