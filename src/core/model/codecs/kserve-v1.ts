import { EisenError } from '../../errors/error.js';
import { ARRAY_TYPES } from '../../metadata/field-types.js';
import type { TensorDescription } from '../../metadata/metadata.js';
import { parseJson } from '../../tensor/json.js';
import type { NdArray } from '../../tensor/ndarray.js';
import type { Fields, Plain, Value } from '../../tensor/value.js';
import type { DecodedBody, HandlerReply } from '../handler-row.js';
import { arrayToPlain, plainToArray } from '../plain-array.js';
import { packable } from './encode-reply.js';

/** The content type by which the server marks a body of KServe's V1. */
export const KSERVE_V1_TYPE = 'application/vnd.eisen.kserve-v1+json';

function fail(what: string): never {
  throw new EisenError('BODY_UNDECODABLE', `The V1 request cannot be decoded: ${what}.`, { where: 'instances' });
}

function isObject(value: Plain | undefined): value is { [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What each instance carries for one input; an instance of a model with one input may be the bare value. */
function column(instances: readonly Plain[], input: TensorDescription, isOnly: boolean): Plain[] {
  return instances.map((instance, at) => {
    if (isObject(instance) && input.name in instance) return instance[input.name]!;
    if (isOnly && !isObject(instance)) return instance;
    if (isOnly && isObject(instance) && typeof instance['b64'] === 'string') return instance;
    return fail(`instance ${at} has no ${input.name}`);
  });
}

/** Instances are samples: they are stacked along a first axis, unless the only one has all axes already. */
function arrayOf(values: readonly Plain[], input: TensorDescription): { array: NdArray; isStacked: boolean } {
  const stacked = plainToArray([...values], input.name);
  if (stacked.shape.length === input.shape.length || input.shape.length === 0)
    return { array: stacked, isStacked: true };
  if (stacked.shape.length !== input.shape.length + 1) {
    fail(`${input.name} has ${stacked.shape.length - 1} axes in an instance; expected ${input.shape.length - 1}`);
  }
  if (values.length !== 1) fail(`${input.name}: instances that carry the batch axis come one at a time`);
  return { array: plainToArray(values[0]!, input.name), isStacked: false };
}

function onlyValue(values: readonly Plain[], input: TensorDescription): Value {
  const [value] = values;
  if (values.length !== 1 || value === undefined)
    fail(`${input.name} is of type ${input.type}: instances come one at a time`);
  if (isObject(value) && typeof value['b64'] === 'string') {
    return { kind: 'file', bytes: Buffer.from(value['b64'], 'base64'), name: input.name };
  }
  return { kind: 'plain', value };
}

function plainOf(value: Value): Plain {
  if (value.kind === 'array') return arrayToPlain(value.array);
  if (value.kind === 'plain') return value.value;
  return value.kind === 'file' ? { b64: Buffer.from(value.bytes).toString('base64') } : null;
}

/** One prediction an instance: the bare value of a single output, else an object of them. */
function renderPredictions(outputs: Fields, count: number, isStacked: boolean): HandlerReply {
  const columns = [...packable(outputs, false)].map(([name, value]) => {
    const plain = plainOf(value);
    const isSplit = isStacked && value.kind === 'array' && Array.isArray(plain) && plain.length === count;
    if (!isSplit && count !== 1) {
      throw new EisenError('MODEL_INPUT', `The output ${name} has no axis of ${count} instances; send one at a time.`, {
        where: name,
      });
    }
    return { name, values: isSplit ? plain : [plain] };
  });
  const [first] = columns;
  const predictions = Array.from({ length: count }, (_, at) =>
    columns.length === 1
      ? first!.values[at]!
      : Object.fromEntries(columns.map(({ name, values }) => [name, values[at]!])),
  );
  return { contentType: 'application/json', headers: [], body: [Buffer.from(JSON.stringify({ predictions }))] };
}

/** Decodes `{"instances": […]}`; its reply is `{"predictions": […]}`, one for each. Throws BODY_UNDECODABLE. */
export function decodeInstances(body: Uint8Array, inputs: readonly TensorDescription[]): DecodedBody {
  const json = parseJson(body, 'body');
  const instances = isObject(json) ? json['instances'] : undefined;
  if (!Array.isArray(instances) || instances.length === 0) fail('it needs "instances", a list of at least one');
  let isStacked = true;
  const fields: Fields = new Map();
  for (const input of inputs) {
    const values = column(instances, input, inputs.length === 1);
    const isNumbers = ARRAY_TYPES.includes(input.type) && !isObject(values[0]);
    if (isNumbers) {
      const found = arrayOf(values, input);
      isStacked &&= found.isStacked;
      fields.set(input.name, { kind: 'array', array: found.array });
    } else fields.set(input.name, onlyValue(values, input));
  }
  const count = instances.length;
  return {
    fields,
    wire: 'protocol',
    gzipped: false,
    encode: (outputs) => renderPredictions(outputs, count, isStacked),
  };
}
