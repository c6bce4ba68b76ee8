import { Chalk } from 'chalk';

/** Colours for people, or none: a pipe, a file, NO_COLOR and a dumb terminal get plain text. */
export interface Style {
  bad(text: string): string;
  dim(text: string): string;
}

/** Whether text on this stream may be coloured: FORCE_COLOR, then NO_COLOR, then what the stream is. */
export function isColourful(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (refused !== undefined && refused !== '') return false;
  return stream.isTTY === true && terminal !== 'dumb';
}

export function createStyle(...[stream, env]: Parameters<typeof isColourful>): Style {
  const chalk = new Chalk({ level: isColourful(stream, env) ? 1 : 0 });
  return { bad: (text) => chalk.red.bold(text), dim: (text) => chalk.dim(text) };
}
