import { expect, it } from '@jest/globals';
import { uploadOwner } from '#libs/blob/upload-owner.js';
import { areBlobsInUse } from './flow-blobs.js';

it('the file of a request that a crash has ended is not in use, and needs no server to say so', async () => {
  const isInUse = areBlobsInUse({ client: {} as never, pool: {} as never, types: ['stockImport'] });
  expect(await isInUse({ owner: uploadOwner(), newestAt: new Date(0) })).toBe(false);
  expect(await isInUse({ owner: 'somebody else', newestAt: new Date(0) })).toBe(true);
});
