const CONTROLS = /\p{Cc}+/gu;
const HALF_PAIRS = /\p{Cs}/gu;
const HALF_PAIR_AT_END = /\p{Cs}$/u;

/**
 * Turns a text from elsewhere (a provider, an error) into one that an event may hold: one line of
 * at most `max` UTF-16 units. Control characters become a space, and unpaired surrogates become
 * U+FFFD; no pair is cut in two. Neither `jsonb` nor a contract accepts those. The result may be
 * empty.
 */
export function oneLine(text: string, max: number): string {
  const line = text.replace(CONTROLS, ' ').replace(HALF_PAIRS, '\ufffd').trim();
  return line.slice(0, max).replace(HALF_PAIR_AT_END, '');
}
