import fc from 'fast-check';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What of a JSON value does not fit its schema; empty when all does. */
function misfits(value: unknown, schema: Schema, all: Description, at = '$'): string[] {
  const found = schema.$ref === undefined ? schema : all.components.schemas[schema.$ref.split('/').at(-1)!]!;
  const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (found.type !== undefined && found.type !== type) return [`${at} is ${type}, not ${found.type}`];
  if (found.enum !== undefined && !found.enum.includes(value)) return [`${at} is none of ${found.enum.join(', ')}`];
  if (Array.isArray(value)) return value.flatMap((item, n) => misfits(item, found.items ?? {}, all, `${at}[${n}]`));
  if (typeof value !== 'object' || value === null) return [];
  const entries = value as Record<string, unknown>;
  const missing = (found.required ?? []).filter((key) => !(key in entries)).map((key) => `${at}.${key} is missing`);
  const inner = Object.entries(found.properties ?? {})
    .filter(([key]) => key in entries)
    .flatMap(([key, item]) => misfits(entries[key], item, all, `${at}.${key}`));
  return [...missing, ...inner];
}

const NAMES = fc.constantFrom('noop', 'other', '1.0', '2.0', 'all', 'none');
const ODD = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('..', '%', '%00', '%ff', 'a/b', '\u0000', '$x', '<b>', '-1'),
);
const VALUE: Record<string, fc.Arbitrary<string>> = {
  integer: fc.oneof(
    fc.integer({ min: -3, max: 5 }).map(String),
    fc.constantFrom('99999999999999999999', '1e3', '', '0x1'),
    ODD,
  ),
  boolean: fc.oneof(fc.constantFrom('true', 'false', 'TRUE', ''), ODD),
  string: fc.oneof(NAMES, fc.constantFrom('brain.mar', 'file:///etc/passwd', 'http://127.0.0.1:1/x.mar'), ODD),
};

/** A call of an operation: sensible values and odd ones, parameters left out, now and then a strange body. */
function arbitraryCall(target: string, method: string, operation: Operation) {
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  return fc.record({
    path: fc
      .tuple(
        ...[...target.matchAll(/\{\w+\}/g)].map(() =>
          fc.oneof({ weight: 3, arbitrary: NAMES }, { weight: 1, arbitrary: ODD }),
        ),
      )
      .map((values) => target.replace(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? ''))),
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant(method.toUpperCase()) },
      { weight: 1, arbitrary: fc.constantFrom('PATCH', 'HEAD', 'PUT') },
    ),
    query: fc.tuple(
      ...query.map(({ name, schema }) =>
        fc.option(VALUE[schema.type ?? 'string']!.map((value) => [name, value] as const)),
      ),
    ),
    body: fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
    ),
    contentType: fc.option(
      fc.constantFrom(
        'application/json',
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/x-www-form-urlencoded',
      ),
    ),
  });
}

/** What is judged of an answer; `json` is null where the body is none. */
export interface JudgedAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly json: unknown;
}

/**
 * A parameter of a path is never empty (OpenAPI): `/models/` is no call of `/models/{model_name}`, but of what the server
 * takes it for, as TorchServe does, which drops empty names from the end.
 */
const lacksName = (path: string): boolean => path !== '/' && /\/(\/|$)/.test(path);

/** The four checks: declared status, no fault, the form of errors, the schema of replies. */
export function judgeAnswer(
  answer: JudgedAnswer,
  call: { method: string; path: string },
  operation: Operation,
  declared: string,
  all: Description,
): string[] {
  const problems: string[] = [];
  const status = String(answer.status);
  const isAsDeclared = call.method.toLowerCase() === declared && !lacksName(call.path);
  if (isAsDeclared && !(status in operation.responses) && answer.status !== 404)
    problems.push(`status ${status} is not declared`);
  if (answer.status >= 500 && ![501, 503, 507].includes(answer.status))
    problems.push(`a fault: ${answer.body.toString()}`);
  if (call.method === 'HEAD') return problems;
  const schema = operation.responses[status]?.content?.['application/json']?.schema;
  if (answer.status >= 400) return [...problems, ...misfits(answer.json, schema ?? { $ref: '#/Error' }, all)];
  return isAsDeclared && schema !== undefined ? [...problems, ...misfits(answer.json, schema, all)] : problems;
}

/** A call of any operation, with the operation and the method that is declared for it. */
export function arbitraryCalls(all: Description) {
  const calls = Object.entries(all.paths).flatMap(([target, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      arbitraryCall(target, method, operation).map((call) => ({ call, operation, method })),
    ),
  );
  return fc.oneof(...calls);
}

type ArbitraryCall = ReturnType<typeof arbitraryCall> extends fc.Arbitrary<infer Call> ? Call : never;

/** The call as what `ask` takes. */
export function renderCall(call: ArbitraryCall) {
  const query = new URLSearchParams(Object.fromEntries(call.query.filter((pair) => pair !== null)));
  return {
    path: `${call.path}?${query}`,
    method: call.method,
    body: call.body ?? undefined,
    headers: {
      ...(call.contentType === null ? {} : { 'content-type': call.contentType }),
      // Node frames the bodies of GET, HEAD and DELETE only when it is told their length.
      ...(call.body === null ? {} : { 'content-length': call.body.byteLength }),
    },
  };
}
