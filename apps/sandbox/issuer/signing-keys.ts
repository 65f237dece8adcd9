import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

const ALGORITHM = 'ES256';
/** The newest signs. The others are published, so that tokens that they signed stay valid. */
const PUBLISHED = 3;

/** The keys of the local issuer, in a file that only its user can read. */
export class SigningKeys {
  private constructor(
    private readonly file: string,
    private keys: readonly JWK[],
  ) {}

  /** Reads the keys, or makes the first one. */
  static async open(file: string): Promise<SigningKeys> {
    const signing = new SigningKeys(file, readIfThere(file));
    if (signing.keys.length === 0) await signing.rotate();
    return signing;
  }

  /** Signs with a new key from now on. */
  async rotate(): Promise<void> {
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const named = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: 'sig' };
    this.keys = [named, ...this.keys].slice(0, PUBLISHED);
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, JSON.stringify(this.keys), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }

  /** The public keys, as a JSON Web Key Set. */
  get published() {
    return {
      keys: this.keys.map(({ kty, crv, x, y, kid, alg, use }) => ({ kty, crv, x, y, kid, alg, use })),
    };
  }

  async sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const [key = {}] = this.keys;
    const header = { alg: ALGORITHM, typ: 'JWT', ...(key.kid !== undefined && { kid: key.kid }) };
    return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, ALGORITHM));
  }
}

function readIfThere(file: string): readonly JWK[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JWK[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
