import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from './read-config.js';

/** A file, and the variable that names it. */
export interface NamedFile {
  readonly variable: string;
  readonly file: string | undefined;
}

/** The files of one side of a TLS connection. */
export interface TlsFiles {
  /** Authorities whose certificates are accepted from the other side. */
  readonly ca: NamedFile;
  /** Our certificate, followed by those of intermediate authorities. */
  readonly cert: NamedFile;
  readonly key: NamedFile;
}

/** The contents of the files that are given. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The files that variables of a configuration name. */
export function filesNamedIn<Variable extends string>(
  config: { readonly [Name in Variable]?: string | undefined },
  { ca, cert, key }: Readonly<Record<keyof TlsFiles, Variable>>,
): TlsFiles {
  const named = (variable: Variable): NamedFile => ({ variable, file: config[variable] });
  return { ca: named(ca), cert: named(cert), key: named(key) };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const ENCRYPTED_KEY = /^(-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m;

/**
 * Reads certificates and a key. Throws a `ConfigError` that names the variable, and shows nothing
 * of its file, if a file cannot be used, or if the key does not belong to the certificate.
 */
export function readTlsFiles({ ca, cert, key }: TlsFiles): TlsMaterial {
  const authorities = textOf(ca);
  if (authorities !== undefined) certificatesIn(ca.variable, authorities);
  return { ...(authorities !== undefined && { ca: authorities }), ...readPair(cert, key) };
}

function readPair(cert: NamedFile, key: NamedFile): Pick<TlsMaterial, 'cert' | 'key'> {
  const [certificate, secret] = [textOf(cert), textOf(key)];
  if (certificate === undefined && secret === undefined) return {};
  if (certificate === undefined)
    throw new ConfigError(`${cert.variable}: is missing; ${key.variable} is set`);
  if (secret === undefined) throw new ConfigError(`${key.variable}: is missing; ${cert.variable} is set`);
  const [own] = certificatesIn(cert.variable, certificate);
  if (!own?.checkPrivateKey(privateKeyIn(key.variable, secret))) {
    throw new ConfigError(`${key.variable}: is not the key of the certificate in ${cert.variable}`);
  }
  return { cert: certificate, key: secret };
}

function textOf({ variable, file }: NamedFile): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${variable}: ${file} cannot be read (${code})`);
  }
}

function certificatesIn(variable: string, text: string): readonly X509Certificate[] {
  try {
    const found = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
    if (found.length > 0) return found;
  } catch {
    // as if there were none
  }
  throw new ConfigError(`${variable}: the file holds no certificate in PEM`);
}

function privateKeyIn(variable: string, text: string): KeyObject {
  if (ENCRYPTED_KEY.test(text)) {
    throw new ConfigError(`${variable}: the key is encrypted; give one without a passphrase`);
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new ConfigError(`${variable}: the file holds no private key in PEM`);
  }
}
