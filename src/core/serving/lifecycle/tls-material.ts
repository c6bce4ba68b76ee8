import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { EisenError } from '../../errors/error.js';
import type { TlsSource } from '../config/server-config.js';

export type TlsMaterial = Pick<SecureContextOptions, 'pfx' | 'passphrase' | 'cert' | 'key'>;

function readFileOf(key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EisenError('CONFIG_INVALID', `${key}: ${path} cannot be read; expected a readable file.`, {
      where: key,
      expected: 'a readable file',
      found: (cause as NodeJS.ErrnoException).code,
      cause,
    });
  }
}

/** Other users can read the key: worth a warning, as a clear-text key file is often shared by mistake. */
function isReadableByOthers(path: string): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0;
}

interface Fault {
  readonly key: string;
  readonly path: string;
  readonly expected: string;
  readonly reason: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

function refuse({ key, path, expected, reason, hint, cause }: Fault): EisenError {
  const message = `${key}: ${path} cannot be used (${reason}); expected ${expected}.`;
  return new EisenError('CONFIG_INVALID', message, { where: key, expected, found: reason, hint, cause });
}

/** Runs one check; what it throws is the fault of the file that it is about. */
function hold<T>(about: Omit<Fault, 'reason'>, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw refuse({ ...about, reason: (cause as Error).message, cause });
  }
}

const proveContext = (material: TlsMaterial): unknown => createSecureContext({ ...material, minVersion: 'TLSv1.2' });

function readKeystore({ path, passphrase }: Extract<TlsSource, { kind: 'pkcs12' }>): TlsMaterial {
  const material = { pfx: readFileOf('keystore', path), passphrase };
  const hint = 'Is keystore_pass right, and is it no old RC2 keystore?';
  hold({ key: 'keystore', path, expected: 'a key with its certificate', hint }, () => proveContext(material));
  return material;
}

function readPair({ keyPath, certificatePath }: Extract<TlsSource, { kind: 'pem' }>): TlsMaterial {
  const ofKey = { key: 'private_key_file', path: keyPath, expected: 'a private key in PEM without a passphrase' };
  const ofCertificate = { key: 'certificate_file', path: certificatePath, expected: 'a certificate in PEM' };
  const key = readFileOf(ofKey.key, keyPath);
  const cert = readFileOf(ofCertificate.key, certificatePath);
  const privateKey = hold(ofKey, () => createPrivateKey(key));
  const certificate = hold(ofCertificate, () => new X509Certificate(cert));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw refuse({
      ...ofCertificate,
      expected: `the certificate made for private_key_file (${keyPath})`,
      reason: 'it was made for another key',
    });
  }
  // The first certificate is good: what is left are those behind it.
  hold(ofCertificate, () => proveContext({ key, cert }));
  return { key, cert };
}

/**
 * Reads certificate and key and proves that they belong together, so that a wrong pair stops the start (or leaves a running
 * server on its old certificate) instead of failing every handshake.
 * @throws EisenError CONFIG_INVALID naming the key of the configuration whose file is the wrong one.
 */
export function readTlsMaterial(source: TlsSource): { material: TlsMaterial; warnings: string[] } {
  const material = source.kind === 'pkcs12' ? readKeystore(source) : readPair(source);
  const [name, file] = source.kind === 'pkcs12' ? ['keystore', source.path] : ['private_key_file', source.keyPath];
  const warnings = isReadableByOthers(file) ? [`${name}: other users of this machine can read ${file}.`] : [];
  return { material, warnings };
}
