import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackEntry } from '../archive/pack-content.js';
import { EisenError } from '../errors/error.js';

/** The Python code that lets TorchServe run our archives; our own server never executes it. */
export interface EmbeddedHandler {
  /** Its name for the manifest. */
  readonly handler: string;
  /** Entry with the Python packages that it needs, for servers that install them per model. */
  readonly requirementsFile?: string;
  readonly embeddedFiles: readonly PackEntry[];
}

const HANDLER = 'eisen_deploy_handler.py';
const REQUIREMENTS = 'requirements.txt';
const PYTHON_FOLDER = path.join('src', 'core', 'packaging', 'python');

/** The Python sources are shipped as they are, outside of the compiled code. */
function findPythonFolder(): string {
  for (let folder = import.meta.dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const candidate = path.join(folder, PYTHON_FOLDER);
    if (existsSync(path.join(candidate, HANDLER))) return candidate;
  }
  throw new EisenError('INTERNAL', `this installation has no ${PYTHON_FOLDER}; install eisen-deploy again.`);
}

/** Every .py file of the handler (and its requirements.txt) as entries. */
export async function readEmbeddedHandler(): Promise<EmbeddedHandler> {
  const folder = findPythonFolder();
  const names = (await readdir(folder)).filter((name) => name.endsWith('.py') || name === REQUIREMENTS).sort();
  const embeddedFiles = await Promise.all(
    names.map(async (name) => ({ name, content: [await readFile(path.join(folder, name))] })),
  );
  return {
    handler: HANDLER,
    ...(names.includes(REQUIREMENTS) ? { requirementsFile: REQUIREMENTS } : {}),
    embeddedFiles,
  };
}
