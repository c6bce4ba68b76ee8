/** Names of the entries that the packaging writes. In a file of their own: whoever only looks for one needs no transforms. */
export const METADATA_ENTRY = 'metadata.json';
export const PRE_ENTRY = 'pre_process_tform.json';
export const POST_ENTRY = 'post_process_tform.json';
