// The tests that need the real peers: Python and Java. `npm run test:interop` prepares them and runs this.
export default {
  rootDir: '../../.build/test/interop',
  testEnvironment: 'node',
  transform: {},
  testMatch: ['**/*.test.js'],
  testTimeout: 60000,
  maxWorkers: 1,
  reporters: ['default', '<rootDir>/../../../scripts/jest-results.mjs'],
};
