import type { Command } from 'commander';

export function addMetadataCommand(program: Command): void {
  program.command('metadata').description('not wired yet');
}
