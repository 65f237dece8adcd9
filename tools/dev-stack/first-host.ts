/**
 * Host and port of a plain address, of the first in a list, or of a URL (without its user and
 * password).
 */
export function firstHost(address: string, defaultPort: number): { host: string; port: number } {
  const [authority = ''] = address.replace(/^[a-z+]+:\/\//i, '').split(/[/?]/);
  const [first = ''] = authority.slice(authority.lastIndexOf('@') + 1).split(',');
  const [, host = first, port] = /^\[?(.+?)\]?(?::(\d+))?$/.exec(first.trim()) ?? [];
  return { host, port: port === undefined ? defaultPort : Number(port) };
}
