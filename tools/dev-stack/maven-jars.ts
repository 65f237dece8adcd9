import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from './find-executable.js';
import { ChecksumError, MissingPrerequisiteError } from './dev-stack.errors.js';
import { runCommand } from './run-command.js';

/** Java libraries that a server consists of. */
export interface MavenJars {
  /** Each as `group:artifact:version`. Their dependencies are fetched, too. */
  readonly libraries: readonly `${string}:${string}:${string}`[];
  /** Of the list of all jars, as `sha256sum *.jar` prints it in the order of their names. */
  readonly sha256: string;
}

/**
 * Puts the jars of some libraries and their dependencies into `<folder>/libs`, using an installed
 * Maven, and compares their checksum.
 */
export async function fetchMavenJars(folder: string, jars: MavenJars, signal: AbortSignal): Promise<void> {
  const mvn = findExecutable('mvn');
  if (mvn === undefined) throw new MissingPrerequisiteError('Maven (mvn) is not installed', 'install it');
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, pomOf(jars));
  const args = [
    '--batch-mode',
    '--quiet',
    '--strict-checksums',
    '--file',
    pom,
    'dependency:copy-dependencies',
  ];
  const libs = join(folder, 'libs');
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${libs}`];
  await runCommand(mvn, [...args, ...options], { cwd: folder, signal });
  const sha256 = await checksumOf(libs);
  if (sha256 !== jars.sha256) throw new ChecksumError(jars.libraries[0] ?? 'it', sha256, jars.sha256);
}

async function checksumOf(folder: string): Promise<string> {
  const list = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    const jar = createHash('sha256').update(await readFile(join(folder, name)));
    list.update(`${jar.digest('hex')}  ${name}\n`);
  }
  return list.digest('hex');
}

function pomOf({ libraries }: MavenJars): string {
  const dependencies = libraries.map((coordinate) => {
    const [group, artifact, version] = coordinate.split(':');
    return `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>perdure</groupId>
  <artifactId>jars</artifactId>
  <version>1</version>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`;
}
