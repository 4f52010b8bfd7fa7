import { BlockList, isIP } from 'node:net';
import { refused } from './refusal.ts';

/** Longest mask of each version: a block of one address is refused (github.com/aws/event-ruler, CIDR.java). */
const VERSIONS = {
  4: { family: 'ipv4', longest: 31 },
  6: { family: 'ipv6', longest: 127 },
} as const;

const versionOf = (address: string) => {
  const version = isIP(address);
  return version === 4 || version === 6 ? VERSIONS[version] : undefined;
};

/** Reads a block of addresses, such as 10.0.0.0/24. Throws InvalidInput. */
export const compileCidr = (operand: unknown, path: string): ((value: unknown) => boolean) => {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(String(operand)) ?? [];
  const version = versionOf(address);
  if (typeof operand !== 'string' || version === undefined || Number(bits) > version.longest) {
    throw refused(path, `has cidr ${JSON.stringify(operand)}, allowed a block such as 10.0.0.0/24`);
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), version.family);
  return (value) => {
    const of = typeof value === 'string' ? versionOf(value) : undefined;
    return of !== undefined && block.check(String(value), of.family);
  };
};
