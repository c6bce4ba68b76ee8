import { refuseProblems } from '../errors/refuse-problems.js';
import { checkMetadata } from './check-metadata.js';
import type { Metadata } from './metadata.js';

/** A JSON value as metadata, unknown keys kept; throws METADATA_INVALID with every problem, one a line. */
export function parseMetadataValue(json: unknown, where: string): Metadata {
  refuseProblems(checkMetadata(json), where);
  return json as Metadata;
}
