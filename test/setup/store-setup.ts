import { isSharedAddress } from '#tools/dev-stack/test-stack.js';
import { EmbeddedStore } from '#libs/testing/embedded-store.js';
import { suiteAddress, suiteIsEmbedded, suiteServer } from '#libs/testing/store-under-test.js';

/**
 * The store suite runs against EVENTSTORE_URL, or without one against its own embedded server. It
 * leaves that of the stack alone, which other tests share.
 */
export default async function openStore(): Promise<void> {
  const given = process.env['EVENTSTORE_URL'];
  if (given && !isSharedAddress('EVENTSTORE_URL')) {
    process.env[suiteAddress] = given;
    return;
  }
  const store = await EmbeddedStore.start();
  suiteServer.store = store;
  process.env[suiteAddress] = store.url;
  process.env[suiteIsEmbedded] = 'yes';
}
