// Tests are compiled by tsc into .build/ and run as plain ES modules: no transformer between the compiler and the test.
export default {
  rootDir: '.build/test',
  testEnvironment: 'node',
  transform: {},
  testMatch: ['**/*.test.js'],
  testPathIgnorePatterns: ['<rootDir>/interop/'],
  testTimeout: 30000,
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/../../scripts/jest-results.mjs'],
};
