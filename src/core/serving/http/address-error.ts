import { EisenError } from '../../errors/error.js';
import { type ApiKind, type ListenAddress, renderListenAddress } from '../config/listen-address.js';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has taken it',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ENOENT: 'its folder is not there',
  EMFILE: 'this process may open no more files',
};

/** What the system says of an address that cannot be listened on, in words that name the APIs and what to do. */
export function explainListenError(error: unknown, address: ListenAddress, apis: readonly ApiKind[]): EisenError {
  const place = renderListenAddress(address);
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const keys = apis.map((api) => `${api}_address`).join(', ');
  const remedy =
    code === 'EADDRINUSE'
      ? 'Stop that program (is it a server of yours? then: eisen-deploy serve --stop), or choose'
      : 'Choose';
  const hint = `${remedy} another address: ${keys} in config.properties, or one for all APIs by --host and --port.`;
  return new EisenError(
    'ADDRESS_UNUSABLE',
    `cannot listen on ${place} for the ${apis.join(' and ')} API: ${reason}${code === '' ? '' : ` (${code})`}. ${hint}`,
    { where: keys, found: code, cause: error },
  );
}
