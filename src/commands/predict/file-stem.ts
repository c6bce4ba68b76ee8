import path from 'node:path';

const ENDINGS = /\.(nii|nii\.gz|hdr|img|mha|mhd|nrrd|nhdr|npy|npz|png|jpe?g|tiff?|dcm|zip|json|txt)$/i;

/** The name of a file without what says its format: `t1` of `/scans/t1.nii.gz`; a folder's own name for a folder. */
export function fileStem(file: string): string {
  const name = path.basename(path.resolve(file));
  const stem = name.replace(ENDINGS, '');
  return stem === '' || stem === '.' ? name : stem;
}

/** The folder that a file, or a folder, lies in, named as the command line names it: relative stays relative. */
export function folderOf(file: string): string {
  const endsInDots = /(^|[/\\])\.{1,2}[/\\]*$/.test(file);
  return endsInDots ? path.dirname(path.resolve(file)) : path.dirname(file);
}
