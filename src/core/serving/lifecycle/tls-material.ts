import { createPrivateKey } from 'node:crypto';
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

function isEncryptedPem(pem: Buffer): boolean {
  return /ENCRYPTED/.test(pem.toString('latin1'));
}

/**
 * Reads certificate and key and proves that they belong together, so that a wrong pair stops the start (or leaves a running
 * server on its old certificate) instead of failing every handshake.
 * @throws EisenError CONFIG_INVALID naming the key of the configuration.
 */
export function readTlsMaterial(source: TlsSource): { material: TlsMaterial; warnings: string[] } {
  const keyPath = source.kind === 'pkcs12' ? source.path : source.keyPath;
  const name = source.kind === 'pkcs12' ? 'keystore' : 'private_key_file';
  const material: TlsMaterial =
    source.kind === 'pkcs12'
      ? { pfx: readFileOf('keystore', source.path), passphrase: source.passphrase }
      : {
          key: readFileOf('private_key_file', source.keyPath),
          cert: readFileOf('certificate_file', source.certificatePath),
        };
  try {
    if (source.kind === 'pem' && !isEncryptedPem(material.key as Buffer)) createPrivateKey(material.key as Buffer);
    createSecureContext({ ...material, minVersion: 'TLSv1.2' });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new EisenError(
      'CONFIG_INVALID',
      `${name}: ${keyPath} cannot be used (${reason}); expected a key with its certificate.`,
      {
        where: name,
        expected: 'a key and the certificate made for it',
        found: reason,
        hint: source.kind === 'pkcs12' ? 'Is keystore_pass right, and is it no old RC2 keystore?' : undefined,
        cause,
      },
    );
  }
  const warnings = isReadableByOthers(keyPath) ? [`${name}: other users of this machine can read ${keyPath}.`] : [];
  return { material, warnings };
}
