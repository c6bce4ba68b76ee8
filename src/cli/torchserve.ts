import { main } from '../cli.js';
import { VERSION } from '../version.js';
import { translateTorchserveArguments } from './torchserve-arguments.js';

/** The release of TorchServe whose command line and wire this program follows. */
const PEER_VERSION = '0.12.0';

/** The command `torchserve`: the same flags, served by eisen-deploy. Resolves to the exit code. */
export async function mainAsTorchserve(argv: readonly string[]): Promise<number> {
  const translated = translateTorchserveArguments(argv);
  switch (translated.kind) {
    case 'version':
      process.stdout.write(`TorchServe Version is ${PEER_VERSION}\n`);
      process.stderr.write(`answered by eisen-deploy ${VERSION}\n`);
      return 0;
    case 'usage':
      process.stderr.write(`torchserve: error: ${translated.message}\n`);
      return 2;
    case 'serve':
      return main(translated.argv);
  }
}
