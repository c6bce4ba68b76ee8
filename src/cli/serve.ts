import { type Command, Option } from 'commander';
import type { ServeOptions } from '../commands/serve/serve-options.js';

interface ParsedOptions extends Omit<ServeOptions, 'noConfigSnapshots' | 'noManagement'> {
  readonly configSnapshots: boolean;
  readonly management: boolean;
  readonly ncs?: boolean;
  readonly dt?: boolean;
  readonly ppath?: string;
  readonly backgroundChild?: boolean;
}

function toServeOptions(parsed: ParsedOptions): ServeOptions {
  const { configSnapshots, management, ncs, dt, ppath, backgroundChild: _, ...rest } = parsed;
  return {
    ...rest,
    noConfigSnapshots: !configSnapshots || ncs === true,
    noManagement: !management,
    disableTokenAuth: rest.disableTokenAuth === true || dt === true,
    pluginsPath: rest.pluginsPath ?? ppath,
  };
}

function addPeerOptions(command: Command): Command {
  return command
    .addOption(new Option('--start', 'serve in the background; returns when the models answer').conflicts('stop'))
    .addOption(new Option('--stop', 'stop the server; accepted requests are answered first'))
    .option('--foreground', 'serve in this process (the default without --start)')
    .option('--ts-config <file>', 'config.properties to read')
    .option('--model-store <folder>', 'folder of archives (default: ./model_store with all it holds)')
    .option('--workflow-store <folder>', 'accepted and checked; there are no workflows')
    .option('--models <items...>', '[name=]archive of the store, or ALL')
    .option('--log-config <file>', 'accepted and checked; without effect')
    .option('--cpp-log-config <file>', 'accepted and checked; without effect')
    .option('--no-config-snapshots', 'write no snapshots')
    .option('--ncs', 'the same')
    .option('--plugins-path <folder>', 'accepted; without effect')
    .addOption(new Option('--ppath <folder>', 'the same').hideHelp())
    .option('--disable-token-auth', 'ask for no tokens')
    .addOption(new Option('--dt', 'the same').hideHelp())
    .option('--enable-model-api', 'allow clients to register and unregister models');
}

function addOwnOptions(command: Command): Command {
  return command
    .option('--host <address>', 'one address for all APIs')
    .option('--port <number>', 'one port for all APIs')
    .option('--no-management', 'serve no management API')
    .option('--enable-token-auth', 'ask for tokens on loopback too')
    .option('--public-metrics', 'metrics without a token')
    .option('--restore-snapshot', 'restore the models of the newest snapshot')
    .option('--keep-going', 'with --start: serve what loads although a model does not')
    .option('--device <name>', 'execution provider of the inference engine')
    .option('--log-format <form>', 'text or json')
    .option('--allow-archive-code', 'run the code inside archives that bring their own handler')
    .option('--python <command>', 'interpreter for such code')
    .option('--dangerously-expose-management', 'management off loopback without https and tokens')
    .addOption(new Option('--inherit-output').hideHelp())
    .addOption(new Option('--background-child').hideHelp());
}

export function addServeCommand(program: Command): void {
  const command = program.command('serve').description('serve models over HTTP, in the place of TorchServe');
  addOwnOptions(addPeerOptions(command)).action(async (parsed: ParsedOptions) => {
    const [{ serve, serveAsChild }, { listenForSignals }] = await Promise.all([
      import('../commands/serve/serve.js'),
      import('./signals.js'),
    ]);
    const context = {
      signals: listenForSignals(),
      console: {
        out: (line: string) => void process.stdout.write(`${line}\n`),
        talk: (line: string) => void process.stderr.write(`${line}\n`),
      },
    };
    process.exitCode =
      parsed.backgroundChild === true ? await serveAsChild(context) : await serve(toServeOptions(parsed), context);
  });
}
