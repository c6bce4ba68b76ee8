/** The public library of eisen-deploy. Everything else in the package is an implementation detail and may change. */
export type { PackedArchive } from './core/archive/pack-archive.js';
export type { ArrayInput, Batch, BatchValue, ReplyValue } from './core/client/batch.js';
export {
  type CallOptions,
  type ClientOptions,
  EisenServingClient,
  type PredictCallOptions,
} from './core/client/eisen-serving-client.js';
export type { ClientReply } from './core/client/exchange.js';
export type { ProxyEnvironment } from './core/client/proxy.js';
export { EisenError, type ErrorDetails, isEisenError } from './core/errors/error.js';
export type { Problem } from './core/errors/problem.js';
export type { ErrorCode } from './core/errors/table.js';
export { checkMetadata } from './core/metadata/check-metadata.js';
export { createMetadata } from './core/metadata/create-metadata.js';
export type { Metadata, TensorDescription } from './core/metadata/metadata.js';
export { EisenServingHandler, type HandlerOptions } from './core/model/handler.js';
export type { HandlerReply, HandlerResult, HandlerRow, StageTimes } from './core/model/handler-row.js';
export type { Prepacking } from './core/model/prepacking.js';
export { EisenServingMAR } from './core/packaging/eisen-serving-mar.js';
export type { DType, TypedArray } from './core/tensor/dtype.js';
export type { NdArray } from './core/tensor/ndarray.js';
export type {
  Affine,
  ArrayValue,
  Fields,
  FileValue,
  Geometry,
  ImageValue,
  OriginalGrid,
  Plain,
  PlainValue,
  Value,
} from './core/tensor/value.js';
export { VERSION } from './version.js';
