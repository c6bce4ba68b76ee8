/** The peer's flags: how many words follow. `many` takes every word up to the next flag. */
const PEER_FLAGS: ReadonlyMap<string, 'none' | 'one' | 'many'> = new Map([
  ['--help', 'none'],
  ['--version', 'none'],
  ['--start', 'none'],
  ['--stop', 'none'],
  ['--ts-config', 'one'],
  ['--model-store', 'one'],
  ['--workflow-store', 'one'],
  ['--models', 'many'],
  ['--log-config', 'one'],
  ['--cpp-log-config', 'one'],
  ['--foreground', 'none'],
  ['--no-config-snapshots', 'none'],
  ['--ncs', 'none'],
  ['--plugins-path', 'one'],
  ['--ppath', 'one'],
  ['--disable-token-auth', 'none'],
  ['--dt', 'none'],
  ['--enable-model-api', 'none'],
]);

const SHORT_FLAGS: ReadonlyMap<string, string> = new Map([
  ['-v', '--version'],
  ['-h', '--help'],
]);

export type TorchserveCall =
  | { readonly kind: 'serve'; readonly argv: readonly string[] }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly message: string };

/** The full name of a flag that may be a unique prefix, as argparse reads it; a message when it is none or several. */
function completeFlag(word: string): { flag: string } | { message: string } {
  const exact = SHORT_FLAGS.get(word) ?? word;
  if (PEER_FLAGS.has(exact)) return { flag: exact };
  const matches = [...PEER_FLAGS.keys()].filter((flag) => word.startsWith('--') && flag.startsWith(word));
  if (matches.length === 1) return { flag: matches[0]! };
  if (matches.length > 1) return { message: `ambiguous option: ${word} could match ${matches.join(', ')}` };
  return { message: `unrecognized arguments: ${word}` };
}

/**
 * Translates the command line of `torchserve` into one of `eisen-deploy serve`. Whatever neither asks for the version nor stops
 * starts a server, in the background unless `--foreground` is there. Flags may be shortened to unique prefixes.
 */
export function translateTorchserveArguments(words: readonly string[]): TorchserveCall {
  const out: string[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    const [word, inline] = splitInline(words[i]!);
    if (!word.startsWith('-')) return { kind: 'usage', message: `unrecognized arguments: ${word}` };
    const completed = completeFlag(word);
    if ('message' in completed) return { kind: 'usage', message: completed.message };
    const { flag } = completed;
    seen.add(flag);
    const values = inline === null ? [] : [inline];
    const takes = PEER_FLAGS.get(flag)!;
    const limit = takes === 'none' ? 0 : takes === 'one' ? 1 : Number.POSITIVE_INFINITY;
    if (takes === 'none' && inline !== null)
      return { kind: 'usage', message: `argument ${flag}: ignored explicit argument` };
    while (inline === null && values.length < limit && i + 1 < words.length && !words[i + 1]!.startsWith('-')) {
      values.push(words[++i]!);
    }
    if (takes !== 'none' && values.length === 0)
      return { kind: 'usage', message: `argument ${flag}: expected an argument` };
    if (flag !== '--version') out.push(flag, ...values);
  }
  return decide(out, seen);
}

function splitInline(word: string): [string, string | null] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

function decide(out: readonly string[], seen: ReadonlySet<string>): TorchserveCall {
  const modes = ['--version', '--start', '--stop'].filter((flag) => seen.has(flag));
  if (modes.length > 1) {
    return { kind: 'usage', message: `argument ${modes[1]}: not allowed with argument ${modes[0]}` };
  }
  if (seen.has('--version')) return { kind: 'version' };
  const background = seen.has('--stop') || seen.has('--foreground') || seen.has('--start') ? [] : ['--start'];
  const inherit = seen.has('--stop') ? [] : ['--inherit-output'];
  return { kind: 'serve', argv: ['serve', ...background, ...inherit, ...out] };
}
