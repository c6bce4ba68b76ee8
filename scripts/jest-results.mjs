// Jest reporter: the counts of a run as JSON, for .ci/run. The name of the file is EISEN_RESULTS, else unit.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '..', '.build', 'results');

export default class JestResults {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numPendingTests, numTotalTests, testResults, numRuntimeErrorTestSuites },
  ) {
    // A file that does not even load has no tests to count: it counts as one that failed.
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    const counts = {
      passed: numPassedTests,
      failed,
      skipped: numPendingTests,
      total: numTotalTests,
      files: testResults.length,
    };
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path.join(FOLDER, `${process.env.EISEN_RESULTS ?? 'unit'}.json`), `${JSON.stringify(counts)}\n`);
  }
}
