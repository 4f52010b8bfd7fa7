import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareHost, refuseAddress } from '../../../shared/source/addresses.ts';
import { rounds } from '../../rounds.ts';

const HOST = 'jazz.example';

describe('an address that a public source resolves to', () => {
  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s may be reached', (address) => {
    expect(refuseAddress(address, 'public', HOST)).toBeUndefined();
  });

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12::1',
    '::ffff:10.0.0.1',
  ])('%s is private, and the message says what to write for one', (address) => {
    expect(refuseAddress(address, 'public', HOST)).toMatch(/private network.*network: vpc/);
    expect(refuseAddress(address, 'vpc', HOST)).toBeUndefined();
  });

  test.each([
    '0.0.0.0',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '169.254.170.2',
    '192.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::',
    '::ffff:0:127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'ff02::1',
    'not an address',
  ])('%s may be reached in no network', (address) => {
    expect(refuseAddress(address, 'public', HOST)).toMatch(/no address of a server/);
    expect(refuseAddress(address, 'vpc', HOST)).toMatch(/no address of a server/);
  });

  test('is loopback only where the feed names loopback itself', () => {
    expect(refuseAddress('127.0.0.1', 'public', '127.0.0.1')).toBeUndefined();
    expect(refuseAddress('::1', 'public', 'localhost')).toBeUndefined();
    expect(refuseAddress('169.254.169.254', 'public', '127.0.0.1')).toMatch(/no address/);
    expect(refuseAddress('127.0.0.1', 'public', 'localhost.evil.example')).toMatch(/no address/);
  });

  test.each([
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0::1]/',
  ])('is seen through as %s writes it', (url) => {
    expect(refuseAddress(bareHost(new URL(url).hostname), 'public', HOST)).toMatch(/no address/);
  });
});

/** First and last address of each range of IPv4 that no public server has, by the IANA special-purpose registry. */
const RANGES: readonly (readonly [range: string, first: string, last: string])[] = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private, of 10', '10.0.0.0', '10.255.255.255'],
  ['shared by carriers', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.0', '127.255.255.255'],
  ['link-local and metadata', '169.254.0.0', '169.254.255.255'],
  ['private, of 172', '172.16.0.0', '172.31.255.255'],
  ['protocol assignments', '192.0.0.0', '192.0.0.255'],
  ['documentation 1', '192.0.2.0', '192.0.2.255'],
  ['6to4 relays', '192.88.99.0', '192.88.99.255'],
  ['private, of 192', '192.168.0.0', '192.168.255.255'],
  ['benchmarks', '198.18.0.0', '198.19.255.255'],
  ['documentation 2', '198.51.100.0', '198.51.100.255'],
  ['documentation 3', '203.0.113.0', '203.0.113.255'],
  ['multicast and reserved', '224.0.0.0', '255.255.255.255'],
];

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toDotted = (n: number): string => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
const toHex = (n: number): string => `${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;

/** Ways in which an address is written or carried, as a resolver answers it. */
const FORMS: Readonly<Record<string, (n: number) => string>> = {
  'as it is': toDotted,
  'mapped, dotted': (n) => `::ffff:${toDotted(n)}`,
  'mapped, in hex': (n) => `::FFFF:${toHex(n)}`,
  'mapped, in full': (n) => `0:0:0:0:0:ffff:${toHex(n)}`,
  translated: (n) => `::ffff:0:${toDotted(n)}`,
  compatible: (n) => `::${toDotted(n)}`,
  NAT64: (n) => `64:ff9b::${toHex(n)}`,
  'NAT64, dotted': (n) => `64:ff9b::${toDotted(n)}`,
  '6to4': (n) => `2002:${toHex(n)}::1`,
};

/** Ways of a URL to write an IPv4 address. */
const IN_URLS: Readonly<Record<string, (n: number) => string>> = {
  decimal: String,
  hexadecimal: (n) => `0x${n.toString(16)}`,
  octal: (n) =>
    toDotted(n)
      .split('.')
      .map((part) => `0${Number(part).toString(8)}`)
      .join('.'),
  'of two parts': (n) => `${n >>> 24}.${n & 0xffffff}`,
  'of three parts': (n) => `${n >>> 24}.${(n >>> 16) & 255}.${n & 0xffff}`,
  'in wide digits': (n) => toDotted(n).replaceAll(/\d/g, (d) => String.fromCodePoint(0xff10 + Number(d))),
  'mapped to IPv6': (n) => `[::ffff:${toDotted(n)}]`,
  'by NAT64': (n) => `[64:ff9b::${toHex(n)}]`,
};

describe('every range of addresses that no public server has', () => {
  test.each(RANGES)('is refused, whatever the form: %s', (_, first, last) => {
    const within = fc.integer({ min: toNumber(first), max: toNumber(last) });
    fc.assert(
      fc.property(within, fc.constantFrom(...Object.entries(FORMS)), (n, [form, write]) => {
        expect(refuseAddress(write(n), 'public', HOST), `${form} ${write(n)}`).toBeDefined();
      }),
      {
        numRuns: rounds(40),
        examples: Object.entries(FORMS).flatMap((form) =>
          [first, last].map((at) => [toNumber(at), form] as [number, [string, (n: number) => string]]),
        ),
      },
    );
  });

  test.each(RANGES)('is seen through in a URL, whatever the notation: %s', (_, first, last) => {
    for (const at of [first, last].map(toNumber)) {
      for (const [notation, write] of Object.entries(IN_URLS)) {
        const { hostname } = new URL(`http://${write(at)}/`);
        expect(refuseAddress(bareHost(hostname), 'public', HOST), `${notation} ${write(at)}`).toBeDefined();
      }
    }
  });

  test.each([
    ['1.0.0.0', '9.255.255.255'],
    ['11.0.0.0', '100.63.255.255'],
    ['100.128.0.0', '126.255.255.255'],
    ['128.0.0.0', '169.253.255.255'],
    ['172.32.0.0', '191.255.255.255'],
    ['192.169.0.0', '198.17.255.255'],
    ['203.0.114.0', '223.255.255.255'],
  ])('ends where others begin: %s to %s may be reached', (first, last) => {
    for (const at of [first, last].map(toNumber)) {
      for (const write of Object.values(FORMS))
        expect(refuseAddress(write(at), 'public', HOST), write(at)).toBeUndefined();
    }
  });

  test.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['next to loopback', '::2'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['discard', '100::1'],
    ['dummy', '100:0:0:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['benchmarks', '2001:2::1'],
    ['documentation', '2001:db8::1'],
    ['documentation, later', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['not allotted', '4000::1'],
    ['unique local', 'fc00::1'],
    ['unique local, of a site', 'fdff:ffff::1'],
    ['metadata of AWS', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::a9fe:a9fe%eth0'],
    ['link-local with a number', 'febf::1%2'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1%eth0'],
    ['mapped, with a zone', '::ffff:127.0.0.1%lo'],
  ])('is refused in IPv6: %s, %s', (_, address) => {
    expect(refuseAddress(address, 'public', HOST)).toBeDefined();
  });

  test('is no way around in a VPC but for private networks', () => {
    for (const [range, first] of RANGES) {
      const isPrivate = /private|carriers/.test(range);
      for (const [form, write] of Object.entries(FORMS)) {
        const why = refuseAddress(write(toNumber(first)), 'vpc', HOST);
        expect(why === undefined, `${range}, ${form}`).toBe(isPrivate);
      }
    }
  });

  test('has no URL with a zone', () => {
    expect(URL.canParse('http://[fe80::1%25eth0]/')).toBe(false);
    expect(URL.canParse('http://[fe80::1%eth0]/')).toBe(false);
  });
});
