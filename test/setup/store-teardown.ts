import { suiteServer } from '#libs/testing/store-under-test.js';

export default async function closeStore(): Promise<void> {
  await suiteServer.store?.stop();
}
