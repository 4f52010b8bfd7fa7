import { describe, expect, test } from 'vitest';
import { bareHost, refuseAddress } from '../../../shared/source/addresses.ts';

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
