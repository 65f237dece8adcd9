const REDACTED = '[redacted]';

/** What must not be in a log, whatever put it there. Quantifiers are bounded: texts may be long. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // an API key, without its id, which is no secret
  [/\b(pk_[0-9a-f]{24})_[0-9a-f]{1,100}/g, `$1_${REDACTED}`],
  // a signed JWT
  [/\beyJ[\w-]{5,8192}\.[\w-]{5,8192}\.[\w-]{0,8192}/g, REDACTED],
  [/\b(Bearer|bearer|Basic)\s{1,9}[\w.~+/=-]{6,8192}/g, `$1 ${REDACTED}`],
  // user and password in an address, such as postgres://user:password@host
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s"\\/@]{1,300}@/gi, `$1${REDACTED}@`],
  // links with which somebody approves, or logs in
  [
    /([?&](?:access_token|token|code|key|api_key|secret|signature|sig|password|approval)=)[^&\s"\\#]{1,8192}/gi,
    `$1${REDACTED}`,
  ],
  [/\b[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b/gi, REDACTED],
];

/**
 * Replaces credentials and email addresses in a text. This is the last line of defence: code must
 * not put them into logs and messages in the first place.
 */
export function redact(text: string): string {
  return RULES.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
}
