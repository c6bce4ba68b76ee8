/**
 * Long flags may be cut as long as one flag remains that they can mean, as Python's argparse allows and scripts for
 * torchserve and torch-model-archiver do (`--model-n x`, `--vers=1.0`). Anything else is left for the parser to refuse.
 */
export function expandFlagPrefixes(argv: readonly string[], flags: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    if (!/^--[a-z]/.test(word) || (end >= 0 && index > end)) return word;
    const [flag = '', ...value] = word.split('=');
    if (flags.includes(flag)) return word;
    const matches = flags.filter((candidate) => candidate.startsWith(flag));
    return matches.length === 1 ? [matches[0], ...value].join('=') : word;
  });
}

/** The long flag that was written with one dash, as `-model`: its first letter would be taken for a flag, the rest for a value. */
export function findOneDashFlag(argv: readonly string[], flags: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.find((word) => /^-[a-z]{2}/.test(word) && flags.includes(`-${word.split('=')[0]!}`));
}
