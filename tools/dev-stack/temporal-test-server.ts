import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { findJava } from './java.js';
import { fetchMavenJars } from './maven-jars.js';
import type { Progress } from './progress.js';

const version = '1.38.0';

/**
 * Temporal's time-skipping test server, as an executable that takes a port: what `existing-path` of
 * the testing package expects. Downloaded once, through Maven, and cached.
 */
export async function findTemporalTestServer(cache: string, progress: Progress): Promise<string> {
  const step = progress.step('Temporal test server');
  const { signal } = new AbortController();
  try {
    step.update('looking for it');
    await findJava('The Temporal test server', signal);
    const folder = await cachedFolder(cache, `temporal-test-server-${version}`, async (draft) => {
      step.update('downloading it through Maven (once, 38 MB)');
      const libraries = [
        `io.temporal:temporal-test-server:${version}`,
        'org.slf4j:slf4j-nop:1.7.36',
      ] as const;
      await fetchMavenJars(draft, libraries, signal);
      const script = join(draft, 'temporal-test-server');
      await writeFile(script, launcher());
      await chmod(script, 0o755);
    });
    step.done('ready');
    return join(folder, 'temporal-test-server');
  } catch (error) {
    step.failed('failed');
    throw error;
  }
}

// Lightly compiled: it lives for seconds, and the SDK waits for it for only five.
const options = '-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1';

// Looks for Java again at each start, since it may have moved.
function launcher(): string {
  return `#!/bin/sh
exec "\${JAVA_HOME:+$JAVA_HOME/bin/}java" ${options} -cp "$(dirname "$0")/libs/*" io.temporal.testserver.TestServer "$@"
`;
}
