import { isIP, SocketAddress } from 'node:net';

const MAPPED = /^::ffff:(?=\d+\.)/i;
const GROUPS = 8;

/**
 * What a client is known by before it has proved who it is: its IPv4 address, or the first 64 bits
 * of its IPv6 address, since a single machine usually owns all addresses below them.
 */
export function networkOf(address: string): string {
  const [bare = ''] = address.replace(MAPPED, '').split('%');
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return 'unknown';
  const written = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  const [before = '', after = ''] = written.split('::');
  const [head, tail] = [groupsIn(before), groupsIn(after)];
  const zeros = Array<string>(GROUPS - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, GROUPS / 2).join(':')}::/64`;
}

function groupsIn(part: string): readonly string[] {
  return part === '' ? [] : part.split(':');
}
