const CONTROLS = /\p{Cc}+/gu;
const HALF_PAIRS = /\p{Cs}/gu;
const HALF_PAIR_AT_END = /\p{Cs}$/u;

/**
 * A text from elsewhere (of a provider, of an error) as the texts of events are: one line of at most `max` UTF-16 units.
 * Control characters become a space and halves of surrogate pairs U+FFFD, and no pair is cut in two: neither `jsonb` nor a
 * contract takes those. May be empty.
 */
export function oneLine(text: string, max: number): string {
  const line = text.replace(CONTROLS, ' ').replace(HALF_PAIRS, '\ufffd').trim();
  return line.slice(0, max).replace(HALF_PAIR_AT_END, '');
}
