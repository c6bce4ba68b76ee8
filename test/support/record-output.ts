import { createOutput, type Output, type OutputOptions } from '../../src/commands/output.js';

/** An output that keeps what was written, as a terminal or as a pipe. */
export function recordOutput(options: OutputOptions = {}): {
  output: Output;
  stdout: () => string;
  stderr: () => string;
} {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    isTTY: false,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const output = createOutput(options, { stdout: into('stdout'), stderr: into('stderr'), env: {}, now: () => 0 });
  return { output, stdout: () => written.stdout, stderr: () => written.stderr };
}
