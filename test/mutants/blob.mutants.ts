import type { Mutant } from './mutant.js';

const folder = 'libs/blob/folder-blob-store.ts';
const content = 'libs/blob/checked-content.ts';
const sweeper = 'libs/blob/blob-sweeper.ts';
const ofFolder = { file: folder, spec: 'libs/blob/folder-blob-store.spec.ts' };
const ofContent = { file: content, spec: 'libs/blob/folder-blob-store.spec.ts' };
const ofSweeper = { file: sweeper, spec: 'libs/blob/blob-sweeper.spec.ts' };

/** Bugs in the store of large payloads. */
export const blobMutants: readonly Mutant[] = [
  {
    ...ofContent,
    id: 'blob-not-verified',
    bug: 'Content of the right length is given out, whatever it is.',
    replace: 'if (refOf(ref.owner, content).hash !== ref.hash || content.byteLength !== ref.bytes)',
    by: 'if (content.byteLength !== ref.bytes)',
    test: 'does not give out what was altered: other content of the same length',
  },
  {
    ...ofContent,
    id: 'blob-stream-not-verified',
    bug: 'Content that is streamed is not verified.',
    replace: 'if (hash !== ref.hash || bytes !== ref.bytes) throw',
    by: 'if (hash === ref.hash && bytes !== ref.bytes) throw',
    test: 'does not give out what was altered: other content of the same length',
  },
  {
    ...ofContent,
    id: 'blob-any-path',
    bug: 'The hash of a reference may be any path.',
    replace: 'if (!HASH.test(ref.hash)) throw',
    by: "if (ref.hash === '') throw",
    test: 'finds nothing under a hash that is not one: "owner"',
  },
  {
    ...ofFolder,
    id: 'blob-half-written',
    bug: 'A blob is visible while it is being written.',
    replace: 'const temporary = join(folder, `.${randomUUID()}`);\n    try {',
    by: "const temporary = join(folder, randomUUID().replaceAll('-', ''));\n    try {",
    test: 'shows nothing before all of it is stored',
  },
  {
    ...ofFolder,
    id: 'blob-cut-off',
    bug: 'A blob that a crash of the machine has cut off is taken for the whole.',
    replace: 'if (found?.size !== ref.bytes) return false;',
    by: 'if (!found) return false;',
    test: 'replaces what a crash of the machine has cut off',
  },
  {
    ...ofSweeper,
    id: 'blob-swept-in-use',
    bug: 'The sweep removes blobs that are in use.',
    replace: 'if (await isInUse(owner)) continue;',
    by: 'await isInUse(owner);',
    test: 'removes all blobs of what is not in use, and nothing else',
  },
  {
    ...ofSweeper,
    id: 'blob-swept-at-once',
    bug: 'The sweep removes blobs that were just written, for what is not known yet.',
    replace: '< graceSeconds * 1_000) continue;',
    by: '< 0) continue;',
    test: 'leaves what was written within the last hour',
  },
  {
    id: 'blob-swept-of-lost-flow',
    bug: 'The sweep removes the blobs of a flow that is lost, and can be restarted.',
    file: 'libs/operations/flows/flow-blobs.ts',
    replace: 'if (row) return !row.ended;',
    by: 'if (row) return false;',
    spec: 'test/workflow/flows/large-payloads.spec.ts',
    test: 'keeps its blobs while Temporal knows its workflow, or it can be restarted',
  },
  {
    id: 'blob-of-another-flow',
    bug: 'A flow may read the input of another.',
    file: 'libs/flow/activities/large-inputs.ts',
    replace: 'if (blob.owner !== stream) return',
    by: "if (blob.owner === '') return",
    spec: 'libs/flow/activities/large-inputs.spec.ts',
    test: 'a large input is not read from a blob of another flow',
  },
];
