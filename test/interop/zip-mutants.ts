/** A small generator of the same numbers on every machine. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

/** One change of a kind that breaks or bends archives: a bit, a byte, a field set to an extreme, bytes moved, cut or doubled. */
export function mutateZip(honest: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(honest);
  const records = ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06'].flatMap((mark) => {
    const found: number[] = [];
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 1, 'latin1')) found.push(at);
    return found;
  });
  const inRecord = records[random(records.length)]! + random(46);
  const at = random(4) === 0 ? random(bytes.length) : Math.min(inRecord, bytes.length - 4);
  switch (random(6)) {
    case 0:
      bytes[at]! ^= 1 << random(8);
      return bytes;
    case 1:
      bytes[at] = random(256);
      return bytes;
    case 2:
      bytes.writeUInt16LE([0, 1, 8, 0xffff, 0x0800][random(5)]!, Math.min(at, bytes.length - 2));
      return bytes;
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + random(8)), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    default:
      return Buffer.concat([bytes, bytes.subarray(random(bytes.length))]);
  }
}
