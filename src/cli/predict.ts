import type { Command } from 'commander';

export function addPredictCommand(program: Command): void {
  program.command('predict').description('not wired yet');
}
