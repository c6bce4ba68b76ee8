import { BlockList, isIP } from 'node:net';

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}

/** Global unicast without the ranges that wrap an IPv4 address (6to4, Teredo) or are set aside. */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');
const WRAPPING_V6 = new BlockList();
WRAPPING_V6.addSubnet('2001::', 23, 'ipv6');
WRAPPING_V6.addSubnet('2001:db8::', 32, 'ipv6');
WRAPPING_V6.addSubnet('2002::', 16, 'ipv6');

/**
 * True when an IP address is not one of the public internet: loopback, link-local (cloud metadata), private, shared,
 * documentation, multicast, reserved, and every IPv6 form that carries an IPv4 address. Anything that is no address is private.
 */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return PRIVATE.check(address, 'ipv4');
  if (family !== 6) return true;
  return !PUBLIC_V6.check(address, 'ipv6') || WRAPPING_V6.check(address, 'ipv6');
}
