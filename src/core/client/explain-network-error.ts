import { EisenError } from '../errors/error.js';

const NO_SERVER: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'no way to this host',
  ENETUNREACH: 'no way to this network',
  ETIMEDOUT: 'no answer to the connection',
  EADDRNOTAVAIL: 'no such address',
};

/** A failure below HTTP as one of ours: no server, a server that cannot be trusted, or one that broke off. */
export function explainNetworkError(
  error: Error & { code?: string },
  { url, proxyHost, answered = false }: { url: URL; proxyHost: string | null; answered?: boolean },
): EisenError {
  const where = url.host;
  const code = error.code ?? '';
  const cause = { where, cause: error };
  // A host with several addresses fails with one error for all of them.
  const inner = error instanceof AggregateError ? (error.errors[0] as { code?: string } | undefined)?.code : undefined;
  const why = NO_SERVER[code] ?? NO_SERVER[inner ?? ''];
  if (why !== undefined && proxyHost !== null) {
    const hint = `${where} is asked for through this proxy because the environment says so; NO_PROXY=${url.hostname} goes straight.`;
    return new EisenError('SERVER_UNREACHABLE', `${proxyHost}: no proxy answers (${why}).`, { ...cause, hint });
  }
  if (why !== undefined) {
    const hint = 'Start one with `eisen-deploy serve`, or name another with --url.';
    return new EisenError('SERVER_UNREACHABLE', `${where}: no server answers (${why}).`, { ...cause, hint });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return new EisenError(
      'SERVER_UNREACHABLE',
      `${where}: the server's certificate is not trusted (${error.message}).`,
      { ...cause, hint: 'Name the certificate authority to trust with --ca.' },
    );
  }
  if (/^HPE_/.test(code) || /^ERR_SSL/.test(code) || code === 'EPROTO') {
    const other = url.protocol === 'https:' ? 'http' : 'https';
    return new EisenError('SERVER_UNREACHABLE', `${where}: no ${url.protocol.slice(0, -1)} server answers there.`, {
      ...cause,
      hint: `Does it speak ${other}?`,
    });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || /aborted|hang up/.test(error.message)) {
    if (answered) {
      return new EisenError('SERVER_FAILED', `${where}: the connection ended before the reply was whole.`, cause);
    }
    const hint = url.protocol === 'http:' ? { hint: 'If it speaks https, begin the address with https://.' } : {};
    return new EisenError('SERVER_FAILED', `${where}: the connection ended before the server answered.`, {
      ...cause,
      ...hint,
    });
  }
  return new EisenError('SERVER_UNREACHABLE', `${where}: no connection (${error.message}).`, cause);
}
