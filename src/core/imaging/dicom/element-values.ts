import type { Dataset, DicomFile } from './dataset.js';
import { dicomError } from './dicom-error.js';
import { tagText } from './tags.js';

/** Text of an element without its padding; undefined when it is absent or empty. */
export function readText(dataset: Dataset, tag: number): string | undefined {
  const element = dataset.get(tag);
  const text =
    element &&
    Buffer.from(element.bytes)
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trim();
  return text === '' ? undefined : text;
}

/** Decimal strings parted by backslashes; undefined when absent. Throws DICOM_INVALID unless there are `count` finite ones. */
export function readDecimals(
  dataset: Dataset,
  tag: number,
  { count, file }: { count: number; file: DicomFile },
): number[] | undefined {
  const text = readText(dataset, tag);
  if (text === undefined) return undefined;
  const numbers = text.split('\\').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length !== count || !numbers.every(Number.isFinite)) {
    throw dicomError(file.name, `${tagText(tag)} is '${text.slice(0, 80)}'; expected ${count} finite numbers`);
  }
  return numbers;
}

/** An unsigned 16-bit number; undefined when absent. Throws DICOM_INVALID for another length. */
export function readCount(dataset: Dataset, tag: number, file: DicomFile): number | undefined {
  const element = dataset.get(tag);
  if (!element || element.bytes.length === 0) return undefined;
  if (element.bytes.length !== 2)
    throw dicomError(file.name, `${tagText(tag)} has ${element.bytes.length} bytes; expected 2`);
  const [a, b] = element.bytes as unknown as [number, number];
  return file.littleEndian ? a + b * 256 : b + a * 256;
}

/** The only item of a sequence, when there is one. */
export function firstItem(dataset: Dataset | undefined, tag: number): Dataset | undefined {
  return dataset?.get(tag)?.items?.[0];
}
