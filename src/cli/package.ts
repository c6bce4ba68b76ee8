import type { Command } from 'commander';

export function addPackageCommand(program: Command): void {
  program.command('package').description('not wired yet');
}
