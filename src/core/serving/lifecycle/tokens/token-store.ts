import { createHash, timingSafeEqual } from 'node:crypto';
import { EisenError } from '../../../errors/error.js';
import { askedKinds } from '../../config/security-config.js';
import type { TokenConfig } from '../../config/server-config.js';

/** `API` opens only the call that makes new tokens. */
export type TokenKind = 'inference' | 'management' | 'API';

/** A token that was rotated away stays good this long, so that running clients can change over. */
const ROTATED_GRACE_MS = 30_000;
const TOKEN_BYTES = 32;

interface Token {
  readonly digest: Buffer;
  /** Milliseconds since 1970; Infinity for tokens that do not expire. */
  readonly expiresAtMs: number;
}

/** A fresh token in clear, for the key file only. */
export interface IssuedToken {
  readonly key: string;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** Of each kind that the operator has not fixed. */
export type IssuedTokens = Readonly<Partial<Record<TokenKind, IssuedToken>>>;

export interface TokenStore {
  /** True when the request carries exactly one `Authorization: Bearer <token>` and the token is good for this kind. */
  check(kind: TokenKind, authorizationHeaders: readonly string[]): boolean;
  /**
   * Makes a new token of this kind; the old one stays good for 30 s. Resolves when the key file holds it; rejects
   * PARAMETER_INVALID for a kind that the operator has fixed.
   */
  rotate(kind: Exclude<TokenKind, 'API'>): Promise<void>;
  /** Resolves when the key file holds the first tokens. */
  readonly published: Promise<void>;
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/**
 * The kinds that get a random token: all three, unless the operator has fixed one. A fixed token is the only one of its kind;
 * beside it only those are made that a listener still asks for.
 */
export function chooseRandomKinds({ fixed, required }: Pick<TokenConfig, 'fixed' | 'required'>): TokenKind[] {
  const anyFixed = fixed.inference !== null || fixed.management !== null;
  const isAsked = askedKinds(required);
  const kinds = (['management', 'inference'] as const).filter(
    (kind) => fixed[kind] === null && (!anyFixed || isAsked[kind]),
  );
  return kinds.length === 0 ? [] : [...kinds, 'API'];
}

/** The token of the only Authorization header; null for none, several, or another scheme. */
export function readBearer(headers: readonly string[]): string | null {
  if (headers.length !== 1) return null;
  return /^Bearer +([\w.~+/=-]+)$/.exec(headers[0]!)?.[1] ?? null;
}

/**
 * Keeps the tokens of a server as digests. The three kinds are separate: none opens another's listener.
 * @param options.publish writes the random tokens in clear for the operator; called for each new set, one call after another,
 *   and never when there is none
 */
export function createTokenStore(options: {
  readonly config: TokenConfig;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly publish: (tokens: IssuedTokens) => Promise<void>;
}): TokenStore {
  const { config, now } = options;
  const accepted = new Map<TokenKind, Token[]>();
  const newKey = (): string => Buffer.from(options.randomBytes(TOKEN_BYTES)).toString('base64url');

  const issue = (kind: TokenKind): IssuedToken => {
    const expiresAtMs = kind === 'API' ? Number.POSITIVE_INFINITY : now() + config.expirationMs;
    const key = newKey();
    const old = (accepted.get(kind) ?? []).map((token) => ({
      ...token,
      expiresAtMs: Math.min(token.expiresAtMs, now() + ROTATED_GRACE_MS),
    }));
    accepted.set(kind, [{ digest: digestOf(key), expiresAtMs }, ...old.filter((token) => token.expiresAtMs > now())]);
    return { key, expiresAt: kind === 'API' ? null : new Date(expiresAtMs) };
  };

  const randomKinds = chooseRandomKinds(config);
  let issued: IssuedTokens = Object.fromEntries(randomKinds.map((kind) => [kind, issue(kind)]));
  const fixed = new Map(
    (['inference', 'management'] as const).flatMap((kind) => {
      const key = config.fixed[kind];
      return key === null ? [] : [[kind as TokenKind, digestOf(key)] as const];
    }),
  );
  const published = randomKinds.length === 0 ? Promise.resolve() : options.publish(issued);
  let writing = published;

  return {
    published,
    check(kind, headers) {
      const bearer = readBearer(headers);
      const digest = digestOf(bearer ?? '');
      const known = (accepted.get(kind) ?? [])
        .filter((token) => token.expiresAtMs > now())
        .map((token) => token.digest);
      const own = fixed.get(kind);
      // Every candidate is compared, so that the time does not tell which one came near.
      const hits = [...known, ...(own === undefined ? [] : [own])].filter((good) => timingSafeEqual(good, digest));
      return bearer !== null && hits.length > 0;
    },
    async rotate(kind) {
      if (!randomKinds.includes(kind)) {
        throw new EisenError('PARAMETER_INVALID', `type: the ${kind} token of this server is fixed by its operator.`, {
          ...{ where: 'type', expected: randomKinds.filter((random) => random !== 'API').join(', '), found: kind },
        });
      }
      issued = { ...issued, [kind]: issue(kind) };
      const set = issued;
      writing = writing.catch(() => undefined).then(() => options.publish(set));
      return writing;
    },
  };
}
