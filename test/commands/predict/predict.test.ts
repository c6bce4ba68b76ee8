import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { predictCommand } from '../../../src/commands/predict/command.js';
import { readNifti } from '../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../src/core/imaging/nifti/write.js';
import { readPng } from '../../../src/core/imaging/pictures/png-read.js';
import { createMetadata } from '../../../src/core/metadata/create-metadata.js';
import { decodeFields, encodeFields } from '../../../src/core/tensor/msgpack.js';
import { createNdArray, wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { decodeNpy } from '../../../src/core/tensor/npy.js';
import { recordOutput } from '../../support/record-output.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const scratch = createScratchFolder();
const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const affine = [2, 0, 0, -10, 0, 3, 0, -20, 0, 0, 4, -30, 0, 0, 0, 1];
const volume = Buffer.concat(
  encodeNifti({
    array: createNdArray('int16', [2, 3, 4], 'F'),
    geometry: { affine, spatialAxes: [0, 1, 2], original: { affine, shape: [2, 3, 4], source: 'array' } },
  }),
);

const shifted = affine.map((value, n) => (n === 3 ? value + 1 : value));
const elsewhere = Buffer.concat(
  encodeNifti({
    array: createNdArray('int16', [2, 3, 4], 'F'),
    geometry: {
      affine: shifted,
      spatialAxes: [0, 1, 2],
      original: { affine: shifted, shape: [2, 3, 4], source: 'array' },
    },
  }),
);

/** A folder with t1.nii in it and a server that answers for a model with these outputs. */
async function setUp(
  outputs: string[],
  reply: (response: http.ServerResponse, request: http.IncomingMessage, body: Buffer) => void,
) {
  const folder = mkdtempSync(path.join(scratch, 'run-'));
  const t1 = path.join(folder, 't1.nii');
  writeFileSync(t1, volume);
  const types = outputs.map(() => 'ndarray');
  const metadata = createMetadata(
    ['image'],
    ['nifti'],
    [[-1, -1, -1]],
    outputs,
    types,
    outputs.map(() => [-1]),
  );
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.method === 'GET') response.end('{"models":[{"modelName":"brain"}]}');
      else if (body.length === 0) response.end(JSON.stringify(metadata));
      else reply(response, request, body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { folder, t1, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('predict through a server', () => {
  it('finds the only model, sends the file, writes the volume beside it and names it on stdout', async () => {
    const mask = gzipSync(volume);
    let sent = Buffer.alloc(0) as Uint8Array;
    let accept: string | undefined;
    const { folder, t1, url } = await setUp(['mask'], (response, request, body) => {
      const image = decodeFields(body).get('image');
      if (image?.kind === 'file') sent = image.bytes;
      accept = request.headers.accept;
      response.setHeader('content-type', 'application/x-nifti');
      response.end(mask);
    });
    const { output, stdout, stderr } = recordOutput();
    expect(await predictCommand({ input: [t1], output: [], url }, undefined, output)).toBe(0);
    expect(Buffer.compare(sent, volume)).toBe(0);
    expect(accept).toMatch(/^application\/x-nifti\+gzip,/);
    expect(readdirSync(folder).sort()).toEqual(['t1.nii', 't1_mask.nii.gz']);
    expect(Buffer.compare(readFileSync(path.join(folder, 't1_mask.nii.gz')), mask)).toBe(0);
    expect(stdout()).toBe(`${path.join(folder, 't1_mask.nii.gz')}\n`);
    expect(stderr()).toContain(`predicting with ${url}/predictions/brain\n`);
  });

  it.each([
    ['o.nii', gzipSync(volume)],
    ['o.nii', volume],
  ])('writes %s uncompressed however it came', async (name, body) => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/x-nifti');
      response.end(body);
    });
    const file = path.join(folder, name);
    await predictCommand({ input: [t1], output: [file], url }, undefined, recordOutput().output);
    expect(Buffer.compare(readFileSync(file), volume)).toBe(0);
  });

  it('refuses an output folder that is not there before anything is predicted', async () => {
    let asked = 0;
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      asked += 1;
      response.end();
    });
    const file = path.join(folder, 'nowhere', 'o.nii.gz');
    const prediction = predictCommand({ input: [t1], output: [file], url }, undefined, recordOutput().output);
    await expect(prediction).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining('there is no such folder'),
      details: { where: path.dirname(file), hint: expect.stringContaining('Create it') },
    });
    expect(asked).toBe(0);
  });

  it.each<[string, string]>([
    ['t1.nii/x.nii.gz', 'ENOTDIR'],
    ['n'.repeat(300), 'ENAMETOOLONG'],
    ['loop', 'ELOOP'],
  ])('refuses the output %s, where the system says no, as one that cannot be written', async (name, system) => {
    const { folder, t1, url } = await setUp(['mask'], (response) => response.end());
    symlinkSync('loop', path.join(folder, 'loop'));
    const file = path.join(folder, name);
    const run = predictCommand({ input: [t1], output: [file], url }, undefined, recordOutput().output);
    await expect(run).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: `--output ${file}: cannot be written there (${system}).`,
    });
  });

  it('compresses a .nii.gz that came plain', async () => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/x-nifti');
      response.end(volume);
    });
    const file = path.join(folder, 'o.nii.gz');
    await predictCommand({ input: [t1], output: [file], url }, undefined, recordOutput().output);
    expect(Buffer.compare(gunzipSync(readFileSync(file)), volume)).toBe(0);
  });

  it('writes every part of a multipart reply, each by its form', async () => {
    const { folder, t1, url } = await setUp(['mask', 'label'], (response, request) => {
      expect(request.headers.accept).toMatch(/^multipart\/mixed, /);
      response.setHeader('content-type', 'multipart/mixed; boundary=b');
      response.write('--b\r\ncontent-disposition: form-data; name="mask"\r\ncontent-type: application/x-nifti\r\n\r\n');
      response.write(gzipSync(volume));
      response.end(
        '\r\n--b\r\ncontent-disposition: form-data; name="label"\r\ncontent-type: application/json\r\n\r\n"a"\r\n--b--',
      );
    });
    const { output, stdout } = recordOutput({ json: true });
    await predictCommand({ input: [t1], output: [], url }, undefined, output);
    expect(readdirSync(folder).sort()).toEqual(['t1.nii', 't1_label.json', 't1_mask.nii.gz']);
    expect(readFileSync(path.join(folder, 't1_label.json'), 'utf8')).toBe('"a"');
    const result = JSON.parse(stdout()) as { outputs: { name: string; bytes: number }[] };
    expect(result.outputs.map(({ name }) => name)).toEqual(['mask', 'label']);
  });

  it('puts a bare label map of a server that knows no forms on the grid of the input, affine bit-equal', async () => {
    const labels = wrapNdArray(
      'uint8',
      [2, 3, 4],
      Uint8Array.from({ length: 24 }, (_, n) => n),
    );
    const scores = wrapNdArray('float32', [2], Float32Array.of(0.5, 1));
    const { folder, t1, url } = await setUp(['mask', 'scores'], (response) => {
      const fields = new Map([
        ['mask', { kind: 'array', array: labels } as const],
        ['scores', { kind: 'array', array: scores } as const],
      ]);
      response.end(Buffer.concat(encodeFields(fields)));
    });
    await predictCommand({ input: [t1], output: [], url }, undefined, recordOutput().output);
    const mask = readNifti({ bytes: readFileSync(path.join(folder, 't1_mask.nii.gz')) });
    expect(mask.array.shape).toEqual([2, 3, 4]);
    expect(mask.geometry!.affine).toEqual(affine);
    expect(decodeNpy(readFileSync(path.join(folder, 't1_scores.npy'))).shape).toEqual([2]);
  });
});

describe('an empty segmentation of a model that gave NaN', () => {
  const run = async (counts: string | null, json: boolean) => {
    const { t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/x-nifti');
      if (counts !== null) response.setHeader('x-eisen-nonfinite', counts);
      response.end(volume);
    });
    const recorded = recordOutput({ json });
    await predictCommand({ input: [t1], output: [], url }, undefined, recorded.output);
    return recorded;
  };

  it('is not handed over in silence: a warning on stderr, the counts in --json', async () => {
    expect((await run('mask=24', false)).stderr()).toMatch(/^WARNING - mask: 24 numbers that the model gave are NaN/m);
    const { nonFinite } = JSON.parse((await run('mask=24', true)).stdout()) as { nonFinite: unknown };
    expect(nonFinite).toEqual({ mask: 24 });
  });

  it('is warned of with --quiet, too', async () => {
    const { t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/x-nifti');
      response.setHeader('x-eisen-nonfinite', 'mask=24');
      response.end(volume);
    });
    const { output, stderr } = recordOutput({ quiet: true });
    await predictCommand({ input: [t1], output: [], url }, undefined, output);
    expect(stderr()).toMatch(/^WARNING - mask: 24 numbers[^\n]*\n$/);
  });

  it('is warned of only then', async () => {
    const { stderr, stdout } = await run(null, true);
    expect(stderr()).not.toContain('WARNING');
    expect(JSON.parse(stdout())).toMatchObject({ nonFinite: {} });
  });
});

it('a volume is written as an array when that was asked for, and a form that it cannot take is refused', async () => {
  const { folder, t1, url } = await setUp(['mask'], (response) => {
    response.setHeader('content-type', 'application/x-nifti');
    response.end(volume);
  });
  const npy = path.join(folder, 'o.npy');
  await predictCommand({ input: [t1], output: [npy], url }, undefined, recordOutput().output);
  expect(decodeNpy(readFileSync(npy))).toMatchObject({ dtype: 'int16', shape: [2, 3, 4] });
  await expect(
    predictCommand({ input: [t1], output: [], format: 'json', url }, undefined, recordOutput().output),
  ).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
});

describe('an output that is there already', () => {
  const answer = (response: http.ServerResponse): void => {
    response.setHeader('content-type', 'application/x-nifti');
    response.end(volume);
  };
  const run = (options: object) =>
    predictCommand({ input: [], output: [], ...options }, undefined, recordOutput().output);

  it('is refused before anything is predicted, and overwritten with --force', async () => {
    let asked = 0;
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      asked += 1;
      answer(response);
    });
    const file = path.join(folder, 'o.nii');
    writeFileSync(file, 'mine');
    const refused = { code: 'FILE_EXISTS', exitCode: 2, message: `${file}: exists already.` };
    await expect(run({ input: [t1], output: [file], url })).rejects.toMatchObject(refused);
    expect([asked, readFileSync(file, 'utf8')]).toEqual([0, 'mine']);
    await run({ input: [t1], output: [file], url, force: true });
    expect(Buffer.compare(readFileSync(file), volume)).toBe(0);
  });

  it('is refused beside the input too, where only the reply tells the ending', async () => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"mask":1}');
    });
    writeFileSync(path.join(folder, 't1_mask.json'), 'mine');
    await expect(run({ input: [t1], url })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readdirSync(folder).sort()).toEqual(['t1.nii', 't1_mask.json']);
    expect(readFileSync(path.join(folder, 't1_mask.json'), 'utf8')).toBe('mine');
  });

  it('is never the scan itself, not even with --force and under another name', async () => {
    const { folder, t1, url } = await setUp(['mask'], answer);
    symlinkSync(folder, path.join(folder, 'again'));
    linkSync(t1, path.join(folder, 'other.nii'));
    for (const file of [t1, path.join(folder, 'again', 't1.nii'), path.join(folder, 'other.nii')]) {
      await expect(run({ input: [t1], output: [file], url, force: true })).rejects.toMatchObject({
        code: 'USAGE',
        message: `--output ${file}: that is ${t1}, which is read here and would be lost.`,
      });
    }
    const odd = path.join(folder, 't1_mask.nii.gz');
    writeFileSync(odd, readFileSync(t1));
    await expect(run({ input: [odd], output: [`${odd.slice(0, -7)}.nii.gz`], url, force: true })).rejects.toThrow(
      /lost/,
    );
    expect(Buffer.compare(readFileSync(t1), volume)).toBe(0);
  });

  it('is never that of another output, which would be lost, not even with --force', async () => {
    let asked = 0;
    const { folder, t1, url } = await setUp(['mask', 'rest'], (response) => {
      asked += 1;
      answer(response);
    });
    const file = path.join(folder, 'o.nii');
    for (const output of [
      [`mask=${file}`, `rest=${folder}/./o.nii`],
      [`mask=${file}`, `mask=${file}`],
    ]) {
      await expect(run({ input: [t1], output, url, force: true })).rejects.toMatchObject({
        code: 'USAGE',
        message: `--output ${output[1]!.slice(5)}: two results would go into this one file.`,
      });
    }
    expect([asked, readdirSync(folder)]).toEqual([0, ['t1.nii']]);
  });

  it('is no pipe, even with --force', async () => {
    const { folder, t1, url } = await setUp(['mask'], answer);
    const pipe = path.join(folder, 'pipe.nii');
    execFileSync('mkfifo', [pipe]);
    await expect(run({ input: [t1], output: [pipe], url, force: true })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it('is swept away when a killed run has left a part of it', async () => {
    const { folder, t1, url } = await setUp(['mask'], answer);
    const host =
      hostname()
        .toLowerCase()
        .replace(/[^0-9a-z-]/g, '-') || 'host';
    writeFileSync(path.join(folder, `.t1_mask.nii.gz.eisen-${host}.4194305.0123456789ab.tmp`), 'half');
    await run({ input: [t1], url });
    expect(readdirSync(folder).sort()).toEqual(['t1.nii', 't1_mask.nii.gz']);
  });

  it('may be in a folder that is made because it was named with a slash', async () => {
    const { folder, t1, url } = await setUp(['mask'], answer);
    await run({ input: [t1], output: [path.join(folder, 'new', 'deep', '/')], url });
    expect(readdirSync(path.join(folder, 'new', 'deep'))).toEqual(['t1_mask.nii.gz']);
    await expect(run({ input: [t1], output: [`${t1}/`], url })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });
});

describe('a picture of the label map', () => {
  it('is drawn over the volume that went in', async () => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', 'application/x-nifti');
      response.end(gzipSync(volume));
    });
    const overlay = path.join(folder, 'p.png');
    const { output, stdout } = recordOutput({ json: true });
    await predictCommand({ input: [t1], output: [path.join(folder, 'o.nii')], overlay, url }, undefined, output);
    const { outputs } = JSON.parse(stdout()) as { outputs: { name: string; file: string; contentType: string }[] };
    expect(outputs.map(({ name, file }) => [name, path.basename(file)])).toEqual([
      ['mask', 'o.nii'],
      ['overlay', 'p.png'],
    ]);
    expect(readPng(readFileSync(overlay), 'p.png').array.shape.slice(0, 2)).not.toContain(0);
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ['is no volume', 'application/json', Buffer.from('{"mask":1}'), /no output came as a volume/],
    ['lies on another grid', 'application/x-nifti', elsewhere, /does not lie on the three-axis grid of an input/],
  ])('is refused for what %s, and nothing is written', async (_what, type, body, message) => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.setHeader('content-type', type);
      response.end(body);
    });
    const run = predictCommand(
      { input: [t1], output: [], overlay: path.join(folder, 'p.png'), url },
      undefined,
      recordOutput().output,
    );
    await expect(run).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE', message: expect.stringMatching(message) });
    expect(readdirSync(folder)).toEqual(['t1.nii']);
  });

  it('is hinted at when a PNG of a volume is asked for', async () => {
    const { folder, t1, url } = await setUp(['mask'], (response) => {
      response.statusCode = 406;
      response.end('{"code":406,"message":"no.","detail":{"code":"NOT_ACCEPTABLE"}}');
    });
    const run = predictCommand(
      { input: [t1], output: [path.join(folder, 'o.png')], url },
      undefined,
      recordOutput().output,
    );
    await expect(run).rejects.toMatchObject({ details: { hint: expect.stringContaining('--overlay') } });
  });
});

describe('an error about the bytes of an input', () => {
  const refuseWith = (message: string, expected?: string) => (response: http.ServerResponse) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ code: 400, message, detail: { code: 'IMAGE_FORMAT', expected } }));
  };

  it.each([
    ['the field', 'pre.json#/0 LoadImage: image: these bytes are no image.', 'these bytes are no image.'],
    ['nothing of the field', 'No image.', 'No image.'],
  ])('names the file where the server knows %s, and what is read', async (_what, said, told) => {
    const { t1, url } = await setUp(['mask'], refuseWith(said, 'NIfTI, DICOM'));
    const run = predictCommand({ input: [t1], output: [], url }, undefined, recordOutput().output);
    await expect(run).rejects.toMatchObject({
      code: 'IMAGE_FORMAT',
      message: `${t1}: ${told}`,
      details: { where: t1, hint: 'These are read: NIfTI, DICOM.' },
    });
  });
});

it('an archive that is not there is named as it was given, with the near one', async () => {
  const folder = mkdtempSync(path.join(scratch, 'store-'));
  writeFileSync(path.join(folder, 'seg.mar'), 'x');
  const model = path.join(folder, 'segg.mar');
  const run = predictCommand({ input: ['x'], output: [], model }, undefined, recordOutput().output);
  await expect(run).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: `${model}: there is no such file.`,
    details: { hint: `Did you mean ${path.join(folder, 'seg.mar')}?` },
  });
});

it('a bare graph in the place of an archive is told what to do', async () => {
  const run = predictCommand({ input: ['x'], output: [], model: 'net.onnx' }, undefined, recordOutput().output);
  await expect(run).rejects.toMatchObject({
    code: 'USAGE',
    details: { hint: expect.stringContaining('package --model') },
  });
});

describe('nothing is written', () => {
  it('when an output is missing in the reply', async () => {
    const { folder, t1, url } = await setUp(['mask', 'other'], (response) => {
      response.setHeader('content-type', 'multipart/mixed; boundary=b');
      response.end('--b\r\ncontent-disposition: form-data; name="mask"\r\n\r\nx\r\n--b--');
    });
    await expect(
      predictCommand({ input: [t1], output: [], url }, undefined, recordOutput().output),
    ).rejects.toMatchObject({
      code: 'OUTPUT_MISSING',
      message: 'other: not in the reply, which holds mask.',
    });
    expect(readdirSync(folder)).toEqual(['t1.nii']);
  });

  it('when the caller gives up while the server works', async () => {
    const controller = new AbortController();
    const { folder, t1, url } = await setUp(['mask'], () => controller.abort());
    await expect(
      predictCommand({ input: [t1], output: [], url }, controller.signal, recordOutput().output),
    ).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 75 });
    expect(readdirSync(folder)).toEqual(['t1.nii']);
  });

  it('when a timeout is no number', async () => {
    const run = predictCommand({ input: ['x'], output: [], timeout: 'soon' }, undefined, recordOutput().output);
    await expect(run).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
  });

  it.each([
    ['no input', { input: [] }],
    ['a server and an archive at once', { input: ['x'], url: 'http://h', model: 'x.mar' }],
    ['an unknown form', { input: ['x'], format: 'dicom' }],
    ['a chain without an output', { input: ['a=x'], chain: 'c.json' }],
    ['a picture of a chain alone', { input: ['a=x'], chain: 'c.json', output: ['a=o.npy'], overlay: 'p.png' }],
    ['a picture that is no PNG', { input: ['x'], overlay: 'p.jpg' }],
  ])('with %s', async (_what, options) => {
    const run = predictCommand({ output: [], ...options }, undefined, recordOutput().output);
    await expect(run).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a chain alone', () => {
  const folder = mkdtempSync(path.join(scratch, 'chain-'));
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const chain = put('chain.json', '[{"type":"AddChannelDimension","params":{"fields":["image"]}}]');
  const header = `${"{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }".padEnd(117)}\n`;
  const magic = Buffer.from('\u0093NUMPY\u0001\u0000\u0076\u0000', 'latin1');
  const values = new Uint8Array(Int16Array.of(1, 4, 2, 5, 3, 6).buffer);
  const array = put('in.npy', Buffer.concat([magic, Buffer.from(header), values]));

  it('writes what a model would see: C order, exact dtype', async () => {
    const out = path.join(folder, 'out.npy');
    const { output, stdout } = recordOutput();
    await predictCommand({ chain, input: [`image=${array}`], output: [`image=${out}`] }, undefined, output);
    const seen = decodeNpy(readFileSync(out));
    expect([seen.dtype, seen.shape, [...(seen.data as Int16Array)]]).toEqual(['int16', [1, 2, 3], [1, 2, 3, 4, 5, 6]]);
    expect(readFileSync(out).toString('latin1', 10, 70)).toContain("'fortran_order': False");
    expect(stdout()).toContain('out.npy');
  });

  it('lets LoadImage open a .npy, as a server does', async () => {
    const steps = ['LoadImage', 'NiftiToNumpy'].map((type) => ({ type, params: { fields: ['image'] } }));
    const loading = put('loading.json', JSON.stringify(steps));
    const out = path.join(folder, 'loaded.npy');
    const options = { chain: loading, input: [`image=${array}`], output: [`image=${out}`] };
    await predictCommand(options, undefined, recordOutput().output);
    const seen = decodeNpy(readFileSync(out));
    expect([seen.dtype, seen.shape]).toEqual(['float32', [2, 3]]);
  });

  it('marks what WriteNifti made of integers as labels, as a server does', async () => {
    const shape = [2, 2, 2];
    const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const original = { shape, affine, source: 'array' } as const;
    const scan = {
      array: createNdArray('float32', shape),
      geometry: { affine, spatialAxes: [0, 1, 2], original },
    } as const;
    const steps = ['LoadImage', 'WriteNifti'].map((type) => ({ type, params: { fields: ['image'] } }));
    for (const [dtype, intent] of [
      ['int16', 1002],
      ['float32', 0],
    ] as const) {
      Object.assign(steps[1]!.params, { dtype });
      const options = { input: [`image=${put('scan.nii', Buffer.concat(encodeNifti(scan)))}`], force: true };
      const out = path.join(folder, `${dtype}.nii`);
      const labelChain = put('labels.json', JSON.stringify(steps));
      await predictCommand(
        { ...options, chain: labelChain, output: [`image=${out}`] },
        undefined,
        recordOutput().output,
      );
      expect(readFileSync(out).readInt16LE(68)).toBe(intent);
    }
  });

  it('writes NIfTI when asked to', async () => {
    const out = path.join(folder, 'out.nii');
    await predictCommand(
      { chain, input: [`image=${array}`], output: [`image=${out}`] },
      undefined,
      recordOutput().output,
    );
    expect(readNifti({ bytes: readFileSync(out) }).array.shape).toEqual([1, 2, 3]);
  });

  it.each([
    ['an input without a name', { input: [array], output: ['image=o.npy'] }, 'USAGE'],
    ['an output that the chain does not leave', { input: [`image=${array}`], output: ['mask=o.npy'] }, 'FIELD_MISSING'],
    ['a form that it cannot tell', { input: [`image=${array}`], output: ['image=o.dat'] }, 'USAGE'],
    ['a chain that is not there', { chain: '/no/such.json', input: ['a=b'], output: ['a=o.npy'] }, 'FILE_NOT_FOUND'],
  ])('refuses %s', async (_what, options, code) => {
    await expect(predictCommand({ chain, ...options }, undefined, recordOutput().output)).rejects.toMatchObject({
      code,
    });
  });
});
