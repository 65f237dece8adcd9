/** A path as a JSON pointer (RFC 6901): `/holds/a~1b/amount`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => pointerPart(String(part))).join('');
}

/** One more step of a JSON pointer, with its slash. */
export function pointerPart(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
