const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/**
 * Every numeric cap of the project, in bytes, milliseconds or counts as the name says. Untrusted bytes never decide an
 * allocation: they are compared with one of these first.
 */
export const LIMITS = {
  tensorBytes: 4 * GiB,
  tensorRank: 32,
  jsonDepth: 100,
  msgpackDepth: 32,
  msgpackMapKeys: 1024,
  msgpackNodes: 1_000_000,
  requestBytes: 4 * GiB,
  requestHeaders: 100,
  requestChunks: 65_536,
  jsonEntryBytes: 1 * MiB,
  archiveEntries: 1000,
  archiveNameBytes: 255,
  archiveDepth: 16,
  archiveEntryBytes: 4 * GiB,
  archiveTotalBytes: 8 * GiB,
  archiveRatio: 200,
  archiveCommentBytes: 1 * KiB,
  configFileBytes: 64 * KiB,
  onnxNodes: 100_000,
} as const;
