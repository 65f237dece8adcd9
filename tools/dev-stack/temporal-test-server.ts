import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from './cached-folder.js';
import { findJava } from './java.js';
import { archiveClasses, madeWith, useClasses } from './java-classes.js';
import { fetchMavenJars, type MavenJars } from './maven-jars.js';
import { freePorts } from './port.js';
import type { Progress } from './progress.js';
import { hasDefaultNamespace } from './temporal-namespace.js';

const version = '1.38.0';
const published: MavenJars = {
  libraries: [`io.temporal:temporal-test-server:${version}`, 'org.slf4j:slf4j-nop:1.7.36'],
  sha256: '22693f3bca556caa7a865cd11c04413cfa02d97df6d996648126a9039cf671e2',
};

/**
 * Temporal's time-skipping test server, as an executable that takes a port: what `existing-path` of
 * the testing package expects. Downloaded once, through Maven, and cached, as are its classes for
 * the Java that is installed.
 */
export async function findTemporalTestServer(cache: string, progress: Progress): Promise<string> {
  const step = progress.step(title);
  const { signal } = new AbortController();
  try {
    step.update('looking for it');
    const java = await findJava(`The ${title}`, signal);
    const jars = await cachedFolder(cache, `temporal-test-server-${version}`, (draft) => {
      step.update('downloading it through Maven (once, 38 MB)');
      return fetchMavenJars(draft, published, signal);
    });
    const name = `temporal-test-server-draft-${madeWith(java, jars)}`;
    const folder = await cachedFolder(cache, name, async (draft) => {
      step.update('preparing faster starts');
      await makeDraft(java, jars, draft, signal);
    });
    step.done('ready');
    return join(folder, executable);
  } catch (error) {
    step.failed('failed');
    throw error;
  }
}

const title = 'Temporal test server';
const executable = 'temporal-test-server';
const archive = 'classes.jsa';
// Lightly compiled: it lives for seconds, and the SDK waits for it for only five.
const options = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const mainClass = 'io.temporal.testserver.TestServer';

async function makeDraft(java: string, jars: string, draft: string, signal: AbortSignal): Promise<void> {
  const classpath = join(jars, 'libs', '*');
  const [port = 0] = await freePorts(1);
  const args = [...options, '-cp', classpath, mainClass, String(port)];
  const isReady = () => hasDefaultNamespace(`127.0.0.1:${port}`);
  await archiveClasses(join(draft, archive), { title, java, args, isReady }, signal);
  const script = join(draft, executable);
  await writeFile(script, launcher(java, classpath));
  await chmod(script, 0o755);
}

function launcher(java: string, classpath: string): string {
  return `#!/bin/sh
exec "${java}" ${useClasses(`"$(dirname "$0")/${archive}"`)} ${options.join(' ')} -cp "${classpath}" ${mainClass} "$@"
`;
}
