/** A JSON pointer for people: `/holds/0/amount` is `holds › 0 › amount`. */
export function pathInWords(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join(' › ') || 'everything';
}
