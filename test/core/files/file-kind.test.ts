import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { describeContent } from '../../../src/core/files/file-kind.js';
import { rawZip } from '../../support/raw-zip.js';
import { addModel, identityModel } from '../../support/tiny-onnx.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..', '..');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a file is described by its first bytes:', () => {
  it.each<[string, Uint8Array]>([
    ['an empty file', Buffer.alloc(0)],
    ['a PNG picture', readFileSync(path.join(ROOT, 'docs', 'overlay.png'))],
    ['a JPEG picture', Buffer.of(0xff, 0xd8, 0xff, 0xe0)],
    ['a PDF document', latin1('%PDF-1.7\n')],
    ['a gzip file', gzipSync('x')],
    ['a zip file', rawZip({ entries: [{ name: 'model.onnx' }] })],
    ['a PyTorch or TorchScript model (a zip file of Python pickles)', rawZip({ entries: [{ name: 'net/data.pkl' }] })],
    ['an HDF5 file (Keras models are kept so)', latin1('\x89HDF\r\n\x1a\n\0\0')],
    ['a numpy array (.npy)', latin1('\x93NUMPY\x01\0')],
    ['a Python pickle (old PyTorch models are kept so)', latin1('\x80\x02\x8a\nl\xfc\x9c')],
    ['a TensorFlow Lite model', latin1('\x1c\0\0\0TFL3\0')],
    ['a safetensors file', latin1('\x40\0\0\0\0\0\0\0{"weight":{"dtype":"F32"')],
    ['a program (ELF)', latin1('\x7fELF\x02')],
    ['a NIfTI volume', latin1('\x5c\x01\0\0\0\0')],
    ['a NIfTI volume', latin1('\0\0\x02\x1c\0\0')],
    ['a DICOM file', Buffer.concat([Buffer.alloc(128), latin1('DICM')])],
    ['a tar that is not gzipped', Buffer.concat([Buffer.alloc(257, 'x'), latin1('ustar\0')])],
    ['an ONNX model', identityModel()],
    ['an ONNX model', addModel(1000)],
    ['an ONNX model', readFileSync(path.join(ROOT, 'fixtures', 'models', 'brain-tissue.onnx'))],
    ['a web page', Buffer.from('\n<!DOCTYPE html><title>Sign in</title>')],
    [
      'a Git LFS pointer: fetch the file itself with git lfs pull',
      Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
    ],
    ['JSON', Buffer.from(' {"a": 1}')],
    ['a text', Buffer.from('naïve text, cut inside of a character: ü').subarray(0, -1)],
    ['a file of no known kind', deflateRawSync(Buffer.from('some bytes \0\x01\x02 of something else'))],
  ])('%s', (kind, bytes) => {
    expect(describeContent(bytes)).toBe(kind);
  });
});
