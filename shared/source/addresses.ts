import { BlockList, isIP, isIPv6 } from 'node:net';

/** Which addresses a source's host may resolve to. A name says nothing of where it leads, and may lead elsewhere the next time. */

/** Where a connection's server stands: in the internet, or in a network of the feed's owner. */
export type Network = 'public' | 'vpc';

const listOf = (...ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    // Not by isIPv6, whose pattern takes some milliseconds to compile: each function's start would wait for it.
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
};

/** All IPv6 addresses that servers have, but for those in networks of their owners. */
const GLOBAL_IPV6 = listOf('2000::/3');

/** Nobody's server: the machine itself, the link, instance metadata, multicast, what is reserved. Of the IANA special-purpose registries. */
const NEVER = listOf(
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata of instances, functions and containers
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23', // Teredo among others, which leads to IPv4 addresses
  '2001:db8::/32',
  '3fff::/20',
  'fd00:ec2::/32', // AWS serves metadata and time there
);

/** Networks of their owners. */
const PRIVATE = listOf('10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');

const LOOPBACK = listOf('127.0.0.0/8', '::1/128');

/** IPv6 addresses that stand for an IPv4 one: mapped, compatible, NAT64, 6to4. Each leads where that one does. */
const embeddedIn = (address: string): string | undefined => {
  const groups = groupsOf(address);
  if (groups === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const isZeroTo = (...values: readonly number[]): boolean => values.every((value) => value === 0);
  if (a === 0x2002) return toIPv4(b, c);
  if (a === 0x64 && b === 0xff9b && isZeroTo(c, d, e, f)) return toIPv4(g, h);
  const isMapped = isZeroTo(a, b, c, d, e) && f === 0xffff;
  const isCompatible = isZeroTo(a, b, c, d, e, f) && g !== 0;
  const isTranslated = isZeroTo(a, b, c, d) && e === 0xffff && f === 0;
  return isMapped || isCompatible || isTranslated ? toIPv4(g, h) : undefined;
};

const toIPv4 = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The eight groups of an IPv6 address, as the URL parser writes it; undefined for an IPv4 one. */
const groupsOf = (address: string): readonly number[] | undefined => {
  if (!isIPv6(address)) return undefined;
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const start = read(head);
  if (tail === undefined) return start;
  const end = read(tail);
  return [...start, ...Array.from({ length: 8 - start.length - end.length }, () => 0), ...end];
};

const isIn = (list: BlockList, address: string): boolean =>
  list.check(address.replace(/%.*$/, ''), isIPv6(address) ? 'ipv6' : 'ipv4');

/** A host as messages and sockets name it: IPv6 without its brackets. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * Why a source may not be reached at an address; undefined where it may. `host` is the one that the feed names: one that is loopback
 * itself was allowed when the feed was checked, which is so on the local cloud alone, whatever the scheme.
 */
export const refuseAddress = (address: string, network: Network, host: string): string | undefined => {
  const target = embeddedIn(address) ?? address;
  const isOwnLoopback = isIn(LOOPBACK, target) && isLoopbackHost(host);
  if (isOwnLoopback) return undefined;
  if (isIP(target) === 0 || isNobodys(target)) {
    return `${address} is no address of a server: it is the machine's own, link-local, metadata or reserved`;
  }
  if (network === 'vpc' || !isIn(PRIVATE, target)) return undefined;
  return `${address} is in a private network, allowed public addresses; a server in a network of yours needs network: vpc`;
};

const isNobodys = (address: string): boolean =>
  isIn(NEVER, address) || (isIPv6(address) && !isIn(GLOBAL_IPV6, address) && !isIn(PRIVATE, address));

/** Whether a URL's host is this machine by its name, however it is written. */
export const isLoopbackHost = (hostname: string): boolean => {
  const host = bareHost(hostname);
  return host === 'localhost' || (isIP(host) !== 0 && isIn(LOOPBACK, embeddedIn(host) ?? host));
};
