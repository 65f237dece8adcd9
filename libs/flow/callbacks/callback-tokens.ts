import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CallbackPlace } from '#libs/core/flow/flow-host.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';

/** Keeps these signatures apart from whatever else the same secret may sign. */
const PURPOSE = 'callback-address';
const TOKEN = /^([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;
const PLACE = /^([0-9a-z]{1,10}) ([^/ ]{1,300}\/.{1,1000})$/su;

/** A token says what it belongs to, and nobody can make one without a secret. */
export class CallbackTokens {
  /** The first secret signs, and all are accepted, so that a secret can be replaced. */
  constructor(private readonly secrets: readonly [string, ...string[]]) {}

  sign({ place, until }: CallbackPlace): string {
    const text = `${toMilliseconds(until).toString(36)} ${place}`;
    const payload = Buffer.from(text).toString('base64url');
    const [secret] = this.secrets;
    return `${payload}.${signatureOf(payload, secret).toString('base64url')}`;
  }

  /** What a token belongs to, or undefined if it is not one of ours. It may have expired. */
  read(token: string): CallbackPlace | undefined {
    const [, payload = '', signature = ''] = TOKEN.exec(token) ?? [];
    const given = Buffer.from(signature, 'base64url');
    const isOurs = this.secrets.some((secret) => {
      const expected = signatureOf(payload, secret);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    if (!isOurs) return undefined;
    const [, time = '', place = ''] = PLACE.exec(Buffer.from(payload, 'base64url').toString()) ?? [];
    return place === '' ? undefined : { place, until: timeIn(time) };
  }
}

function signatureOf(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${PURPOSE} ${payload}`).digest();
}

function timeIn(text: string): Timestamp {
  return toTimestamp(parseInt(text, 36));
}
