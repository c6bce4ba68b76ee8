// The servers that are compared, each with the no-op model: ours, and with --peers the real TorchServe and FastAPI.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { NOOP_METADATA, NOOP_MODEL, requestBody } from './_noop-model.mjs';
import { findFreePorts, startProgram } from './_server-process.mjs';

// The environment that `npm run test:interop` makes, unless another is named.
const BIN = process.env.EISEN_INTEROP_BIN ?? path.resolve(import.meta.dirname, '..', '.interop', 'venv', 'bin');

/** An environment of the same kind with torch in it, which TorchServe asks for: `pip install torchserve torch`. */
const TORCH_BIN = process.env.EISEN_TORCH_BIN;

function post(port, target, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path: target, method: 'POST', agent: false },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    );
    request.on('error', reject).setHeader('content-type', 'application/octet-stream');
    request.end(body);
  });
}

/** The first prediction that comes back is when a server counts as up. */
const answers = (port) => async () => (await post(port, '/predictions/noop', requestBody(2))) === 200;

function run(command, args) {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`);
}

function addresses([inference, management, metrics]) {
  return [
    `inference_address=http://127.0.0.1:${inference}`,
    `management_address=http://127.0.0.1:${management}`,
    `metrics_address=http://127.0.0.1:${metrics}`,
  ];
}

/** Ours with the model that `writeModel` puts into a file; it is served as `noop`, whatever it does. */
export function prepareOurs(home, root, { writeModel, properties = [] } = {}) {
  const scratch = path.join(home, `ours-${writeModel === undefined ? 'noop' : 'other'}`);
  const store = path.join(scratch, 'store');
  mkdirSync(store, { recursive: true });
  if (writeModel === undefined) writeFileSync(path.join(scratch, 'noop.onnx'), NOOP_MODEL);
  else writeModel(path.join(scratch, 'noop.onnx'));
  writeFileSync(path.join(scratch, 'metadata.json'), JSON.stringify(NOOP_METADATA));
  writeFileSync(path.join(scratch, 'empty.json'), '[]');
  const cli = path.join(root, 'bin', 'eisen-deploy.js');
  run(process.execPath, [
    ...[
      cli,
      'package',
      '--model',
      path.join(scratch, 'noop.onnx'),
      '--model-name',
      'noop',
      '--version',
      '1.0',
      '--force',
    ],
    ...['--metadata', path.join(scratch, 'metadata.json'), '--export-path', store],
    ...['--pre-processing', path.join(scratch, 'empty.json'), '--post-processing', path.join(scratch, 'empty.json')],
  ]);
  return async () => {
    const ports = await findFreePorts(3);
    const config = path.join(scratch, 'ours.properties');
    writeFileSync(config, [...addresses(ports), 'load_models=noop.mar', ...properties, ''].join('\n'));
    const tmp = path.join(scratch, `tmp-${ports[0]}`);
    mkdirSync(tmp);
    const server = await startProgram({
      command: process.execPath,
      args: [cli, 'serve', '--start', '--foreground', '--ncs', '--model-store', store, '--ts-config', config],
      cwd: scratch,
      env: { TMPDIR: tmp },
      isUp: answers(ports[0]),
    });
    return { ...server, port: ports[0] };
  };
}

function prepareTorchServe({ bin, name, pythonPath }, scratch, root) {
  const store = path.join(scratch, `${name}-store`);
  mkdirSync(store, { recursive: true });
  writeFileSync(path.join(scratch, 'model.onnx'), NOOP_MODEL);
  run(path.join(bin, 'torch-model-archiver'), [
    ...['--model-name', 'noop', '-v', '1.0', '--handler', path.join(root, 'bench/peers/echo_handler.py')],
    ...['--extra-files', path.join(scratch, 'model.onnx'), '--export-path', store, '-f'],
  ]);
  return async () => {
    const ports = await findFreePorts(5);
    const config = path.join(scratch, `${name}.properties`);
    const lines = [
      ...addresses(ports),
      `grpc_inference_port=${ports[3]}`,
      `grpc_management_port=${ports[4]}`,
      `model_store=${store}`,
      'load_models=noop.mar',
      'default_workers_per_model=1',
      'disable_token_authorization=true',
      'max_request_size=1000000000',
      'max_response_size=1000000000',
      '',
    ];
    writeFileSync(config, lines.join('\n'));
    const tmp = path.join(scratch, `${name}-tmp-${ports[0]}`);
    mkdirSync(tmp);
    const server = await startProgram({
      command: path.join(bin, 'torchserve'),
      args: ['--start', '--foreground', '--ncs', '--ts-config', config],
      cwd: tmp,
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        TMPDIR: tmp,
        TEMP: tmp,
        ...(pythonPath === undefined ? {} : { PYTHONPATH: pythonPath }),
        LOG_LOCATION: tmp,
        METRICS_LOCATION: tmp,
      },
      isUp: answers(ports[0]),
    });
    return { ...server, port: ports[0] };
  };
}

function prepareFastApi(scratch, root) {
  run(path.join(BIN, 'python'), ['-c', 'import fastapi, msgpack, onnxruntime, uvicorn']);
  const model = path.join(scratch, 'fastapi.onnx');
  writeFileSync(model, NOOP_MODEL);
  return async () => {
    const [port] = await findFreePorts(1);
    const args = [path.join(root, 'bench/peers/fastapi_server.py'), model, String(port)];
    const server = await startProgram({ command: path.join(BIN, 'python'), args, cwd: scratch, isUp: answers(port) });
    return { ...server, port };
  };
}

const PEERS = {
  TorchServe: (scratch, root) =>
    prepareTorchServe({ bin: BIN, name: 'peer', pythonPath: path.join(root, 'test/interop/stand-in') }, scratch, root),
  ...(TORCH_BIN === undefined
    ? {}
    : { 'TorchServe with torch': (...where) => prepareTorchServe({ bin: TORCH_BIN, name: 'torch' }, ...where) }),
  FastAPI: prepareFastApi,
};

/** Name → a function that starts the server; peers only where they are asked for and there. */
export function prepareServers({ scratch, root, peers, note }) {
  const servers = { 'eisen-deploy': prepareOurs(scratch, root) };
  if (!peers) return servers;
  for (const [name, prepare] of Object.entries(PEERS)) {
    try {
      servers[name] = prepare(scratch, root);
    } catch (error) {
      note(`${name} is left out: ${error.message.split('\n')[0]}`);
    }
  }
  return servers;
}
