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
  /** V8 holds no longer string than 512 MiB. */
  jsonBodyBytes: 480 * MiB,
  npyHeaderBytes: 64 * KiB,
  /** Files of one DICOM series in a zip. */
  seriesFiles: 20_000,
  /** Compressed pixels may claim this much, or so many times their own bytes. A black X-ray shrinks by thousands. */
  dicomFreePixelBytes: 64 * MiB,
  dicomPixelRatio: 10_000,
  requestBytes: 4 * GiB,
  replyBytes: 8 * GiB,
  requestHeaders: 100,
  requestChunks: 65_536,
  jsonEntryBytes: 1 * MiB,
  archiveEntries: 1000,
  archiveNameBytes: 255,
  archiveDepth: 16,
  archiveEntryBytes: 4 * GiB - 1,
  archiveTotalBytes: 8 * GiB,
  archiveRatio: 200,
  archiveCommentBytes: 1 * KiB,
  archiveDirectoryBytes: 4 * MiB,
  archiveFileBytes: 4 * GiB - 1,
  /** Unpacked weights that are kept for the next load. */
  cacheBytes: 16 * GiB,
  /** Notes of the cache about which archive became which file. */
  cacheReceipts: 256,
  /** How long one process is waited for that makes a file of the cache; one that takes longer is taken for stuck. */
  cacheClaimMs: 30_000,
  /** A request or reply that an archive carries to test itself with. */
  sampleBytes: 256 * MiB,
  downloadMs: 600_000,
  configFileBytes: 64 * KiB,
  metricsFileBytes: 256 * KiB,
  metricFamilies: 1000,
  /** Families that handlers report and no list names. */
  metricFamiliesDetected: 200,
  /** Combinations of dimensions that handlers may give to one family. */
  metricSeries: 1000,
  onnxNodes: 100_000,
  onnxFileBytes: 2 * GiB,
  modelProbeMs: 60_000,
  httpHeadersMs: 10_000,
  httpBodyMs: 30_000,
  /** A body may take `httpBodyMs` and, on top, the time that its bytes need at this rate. */
  httpBodyBytesPerSecond: 256 * KiB,
  httpConnections: 512,
  httpIdlePerClient: 16,
  httpKeepAliveMs: 60_000,
  httpRequestsPerSocket: 1000,
  httpTargetBytes: 8 * KiB,
  /** What is read and thrown away of a refused body, so that the client sees the reply before the connection ends. */
  httpDiscardBytes: 64 * MiB,
  httpDiscardMs: 2000,
  formFields: 1000,
  formHeaderBytes: 16 * KiB,
  formUrlencodedBytes: 8 * MiB,
  inflateRatio: 200,
  modelNameBytes: 128,
  frameTextBytes: 1 * MiB,
  frameHeaders: 1000,
  batchRows: 4096,
} as const;
