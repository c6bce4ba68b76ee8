import { gzipSync } from 'node:zlib';

/** One block of header and the content after it; anything may be a lie. */
export interface RawMember {
  readonly name?: string;
  readonly type?: string;
  readonly data?: Buffer | string;
  readonly mode?: number;
  /** The size field: a number, or its twelve bytes. */
  readonly size?: number | Buffer;
  readonly magic?: string;
  readonly prefix?: string;
  readonly checksum?: number;
}

function header(member: RawMember, bytes: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(member.name ?? 'm/a.txt', 0, 100, 'utf8');
  block.write(`${(member.mode ?? 0o644).toString(8).padStart(7, '0')}\0`, 100, 'latin1');
  block.write('0000000\x000000000\0', 108, 'latin1');
  if (Buffer.isBuffer(member.size)) member.size.copy(block, 124);
  else block.write(`${(member.size ?? bytes).toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(member.type ?? '0', 156, 'latin1');
  block.write(member.magic ?? 'ustar\x0000', 257, 'latin1');
  block.write(member.prefix ?? '', 345, 'utf8');
  const sum = member.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function rawMember(member: RawMember): Buffer {
  const data = Buffer.from(member.data ?? '');
  return Buffer.concat([header(member, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** A pax header with these records before the next member. */
export function paxMember(records: Readonly<Record<string, string>>, type = 'x'): RawMember {
  const lines = Object.entries(records).map(([key, value]) => {
    const body = Buffer.byteLength(` ${key}=${value}\n`);
    let length = body + 1;
    while (String(length).length + body !== length) length = String(length).length + body;
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeader', type, data: lines.join('') };
}

export function rawTar(members: readonly RawMember[], end: Buffer = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...members.map(rawMember), end]);
}

export function rawTgz(members: readonly RawMember[], end?: Buffer): Buffer {
  return gzipSync(rawTar(members, end));
}
