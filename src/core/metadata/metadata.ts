/** One input or output as the metadata describes it. `shape` uses -1 for a free axis. */
export interface TensorDescription {
  readonly name: string;
  /** Met in the wild: ndarray, np.ndarray, nd.array, str, list, json; ours adds nifti, dicom, image. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly [key: string]: unknown;
}

/** Eisen's metadata dictionary. Unknown keys are kept. */
export interface Metadata {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  readonly model_input_list?: readonly string[];
  readonly model_output_list?: readonly string[];
  readonly custom?: unknown;
  readonly [key: string]: unknown;
}
