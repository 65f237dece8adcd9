import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const A_DAY_MILLISECONDS = 86_400_000;

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Files with a certificate, its key and the authority's own certificate. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** An authority that issues certificates for tests. */
export class TestAuthority {
  private issued = 0;

  private constructor(
    private readonly name: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    /** Its own certificate, in PEM. */
    readonly certificate: string,
  ) {}

  static async create(name: string): Promise<TestAuthority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity('01'),
      name: `CN=${name}`,
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new TestAuthority(name, keys, certificate.toString('pem'));
  }

  /** A certificate for a server at these names or addresses, and for a client of this name. */
  async issue(subject: string, hosts: readonly string[] = []): Promise<Pair> {
    const keys = await newKeys();
    this.issued += 1;
    const named = hosts.map((value) => {
      return { type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value };
    });
    const certificate = await X509CertificateGenerator.create({
      ...validity(`02${String(this.issued).padStart(4, '0')}`),
      subject: `CN=${subject}`,
      issuer: `CN=${this.name}`,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        ...(named.length > 0 ? [new SubjectAlternativeNameExtension(named)] : []),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
  }

  /** Issues a certificate and writes it to a folder, with its key. */
  async issueFiles(folder: string, subject: string, hosts?: readonly string[]): Promise<PairFiles> {
    return this.writeFiles(folder, await this.issue(subject, hosts));
  }

  /** Writes a certificate, its key and that of this authority to a folder. */
  writeFiles(folder: string, { cert, key }: Pair): PairFiles {
    mkdirSync(folder, { recursive: true });
    const files = {
      cert: join(folder, 'cert.pem'),
      key: join(folder, 'key.pem'),
      ca: join(folder, 'ca.pem'),
    };
    writeFileSync(files.cert, `${cert}\n`);
    writeFileSync(files.key, `${key}\n`, { mode: 0o600 });
    writeFileSync(files.ca, `${this.certificate}\n`);
    return files;
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(serialNumber: string) {
  const now = Date.now();
  const notBefore = new Date(now - A_DAY_MILLISECONDS);
  return { serialNumber, notBefore, notAfter: new Date(now + A_DAY_MILLISECONDS) };
}
