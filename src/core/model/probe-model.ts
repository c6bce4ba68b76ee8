import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EisenError } from '../errors/error.js';
import { withFileSource } from '../files/byte-source.js';
import { inTemporaryFolder } from '../files/temporary-folder.js';
import { LIMITS } from '../limits.js';
import { joinPieces, pointIntoSource } from '../onnx/external-data.js';

const PROBE = path.join(import.meta.dirname, 'probe-main.js');

interface ProbeInput {
  readonly folder: string | null;
  readonly graph: Uint8Array;
}

/** The graph of a model file with its weights left where they are. */
function readInPlace(file: string): ProbeInput {
  const real = realpathSync(file);
  const graph = withFileSource(real, (source) => joinPieces(source, pointIntoSource(source, path.basename(real))));
  return { folder: path.dirname(real), graph };
}

function run(
  input: ProbeInput,
  cwd: string,
  signal?: AbortSignal,
): Promise<{ stdout: string; stderr: string; code: number | null; killed: boolean }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROBE], {
      cwd,
      stdio: 'pipe',
      env: { PATH: process.env['PATH'], ORT_DISABLE_TELEMETRY: '1' },
      killSignal: 'SIGKILL',
      signal,
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMITS.modelProbeMs);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code, killed: child.killed });
    });
    // A child that dies early closes its end; the outcome tells why.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify({ folder: input.folder })}\n`);
    child.stdin.end(input.graph);
  });
}

/**
 * Loads a model (a file, or its bytes) once in a child process with the real engine, in an empty folder and under a time
 * limit: native code that crashes or never returns costs the child only. Gives the engine's input and output names;
 * throws MODEL_LOAD_FAILED with the engine's reason.
 */
export async function probeModel(
  model: string | Uint8Array,
  signal?: AbortSignal,
): Promise<{ readonly inputs: readonly string[]; readonly outputs: readonly string[] }> {
  const where = typeof model === 'string' ? path.basename(model) : 'model.onnx';
  const input = typeof model === 'string' ? readInPlace(model) : { folder: null, graph: model };
  const cwd = inTemporaryFolder(tmpdir(), () => mkdtempSync(path.join(tmpdir(), 'eisen-probe-')));
  try {
    const { stdout, stderr, code, killed } = await run(input, cwd, signal);
    const fail = (reason: string): EisenError =>
      new EisenError('MODEL_LOAD_FAILED', `${where}: the engine cannot load it: ${reason}`, { where });
    if (killed) throw fail(`it did not come up within ${LIMITS.modelProbeMs / 1000} s.`);
    if (code !== 0 || stdout === '')
      throw fail(`the process ended with ${code ?? 'a signal'}. ${stderr.trim().split('\n').at(-1) ?? ''}`.trim());
    const reply = JSON.parse(stdout) as { failure?: string; inputs: string[]; outputs: string[] };
    if (reply.failure !== undefined) throw fail(reply.failure.split('\n')[0]!);
    return reply;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
