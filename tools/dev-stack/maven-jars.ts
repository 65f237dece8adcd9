import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findExecutable } from './find-executable.js';
import { MissingPrerequisiteError } from './dev-stack.errors.js';
import { runCommand } from './run-command.js';

/** A published Java library: `group:artifact:version`. */
export type MavenCoordinate = `${string}:${string}:${string}`;

/**
 * Puts the jars of some libraries and their dependencies into `<folder>/libs`, using an installed
 * Maven.
 */
export async function fetchMavenJars(
  folder: string,
  coordinates: readonly MavenCoordinate[],
  signal: AbortSignal,
): Promise<void> {
  const mvn = findExecutable('mvn');
  if (mvn === undefined) throw new MissingPrerequisiteError('Maven (mvn) is not installed', 'install it');
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, pomOf(coordinates));
  const args = ['--batch-mode', '--quiet', '--file', pom, 'dependency:copy-dependencies'];
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'libs')}`];
  await runCommand(mvn, [...args, ...options], { cwd: folder, signal });
}

function pomOf(coordinates: readonly MavenCoordinate[]): string {
  const dependencies = coordinates.map((coordinate) => {
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
