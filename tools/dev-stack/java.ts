import { join } from 'node:path';
import { MissingPrerequisiteError } from './dev-stack.errors.js';
import { findExecutable, isExecutable } from './find-executable.js';
import { runCommand } from './run-command.js';

const oldest = 17;

/**
 * The path of a Java that is new enough. Throws {@link MissingPrerequisiteError} if there is none.
 */
export async function findJava(neededFor: string, signal: AbortSignal): Promise<string> {
  const remedy = `install a JRE ${oldest} or newer (Debian: apt install openjdk-17-jre-headless, macOS: brew install openjdk@17)`;
  const home = process.env['JAVA_HOME'];
  const fromHome = home === undefined ? undefined : join(home, 'bin/java');
  const java = fromHome !== undefined && isExecutable(fromHome) ? fromHome : findExecutable('java');
  if (java === undefined)
    throw new MissingPrerequisiteError(`${neededFor} needs Java, which is not installed`, remedy);
  const properties = await runCommand(java, ['-XshowSettings:properties', '-version'], {
    signal,
    mergeOutput: true,
  });
  const version = /java\.specification\.version = (?:1\.)?(\d+)/.exec(properties)?.[1] ?? 'unknown';
  if (!(Number(version) >= oldest)) {
    throw new MissingPrerequisiteError(
      `${neededFor} needs Java ${oldest}, but ${java} is version ${version}`,
      remedy,
    );
  }
  return java;
}
