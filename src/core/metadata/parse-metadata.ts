import { renderProblem } from '../errors/problem.js';
import { refuseProblems } from '../errors/refuse-problems.js';
import { checkMetadata } from './check-metadata.js';
import type { Metadata } from './metadata.js';
import { reviewMetadata } from './review-metadata.js';

/** A JSON value as metadata, unknown keys kept; throws METADATA_INVALID with every problem, one a line. */
export function parseMetadataValue(json: unknown, where: string): Metadata {
  refuseProblems(checkMetadata(json), where);
  return json as Metadata;
}

/** The same for metadata that a person wrote for a package: dtypes must exist too. Keys that look misspelt go to `warn`, one a line. */
export function parseWrittenMetadata(json: unknown, where: string, warn: (line: string) => void): Metadata {
  const { problems, slips } = reviewMetadata(json);
  refuseProblems(problems, where);
  for (const slip of slips) warn(renderProblem(slip, where));
  return json as Metadata;
}
