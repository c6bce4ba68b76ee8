/** The version of this program; test/version.test.ts holds it against package.json. */
export const VERSION = '0.1.0';
