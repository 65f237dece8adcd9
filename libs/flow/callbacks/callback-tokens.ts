import type { CallbackPlace } from '#libs/core/callback-place.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '#libs/core/timestamp.js';
import { SignedTexts } from '#libs/runtime/signed-texts.js';

const PURPOSE = 'callback-address ';
const PLACE = /^([0-9a-z]{1,10}) ([^/ ]{1,300}\/.{1,1000})$/su;

/** A token says what it belongs to, and nobody can make one without a secret. */
export class CallbackTokens {
  private readonly texts: SignedTexts;

  constructor(secrets: readonly [string, ...string[]]) {
    this.texts = new SignedTexts(PURPOSE, secrets);
  }

  sign({ place, until }: CallbackPlace): string {
    return this.texts.sign(`${toMilliseconds(until).toString(36)} ${place}`);
  }

  /** What a token belongs to, or undefined if it is not one of ours. It may have expired. */
  read(token: string): CallbackPlace | undefined {
    const [, time = '', place = ''] = PLACE.exec(this.texts.read(token) ?? '') ?? [];
    return place === '' ? undefined : { place, until: timeIn(time) };
  }
}

function timeIn(text: string): Timestamp {
  return toTimestamp(parseInt(text, 36));
}
