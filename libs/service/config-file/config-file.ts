import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '#libs/api/http/read-config.js';
import { configSchema, type ConfigValues } from './config-file.schema.js';

/** The name of the file, in the folder in which a process is started. */
export const CONFIG_FILE = 'perdure.config.yaml';
/** The value of `PERDURE_CONFIG` with which no file is read. */
const NO_FILE = 'none';

type Path = readonly PropertyKey[];

/** The configuration file, and where each of its values is. */
export interface ConfigFile {
  /** As shown in messages. */
  readonly name: string;
  /** Its folder, to which paths in it are relative. */
  readonly folder: string;
  readonly values: ConfigValues;
  /** Whether a value is in the file, and no default. */
  has(path: Path): boolean;
  /** The file and the line of a value: `perdure.config.yaml:3`. */
  lineOf(path: Path): string;
  /** The same, with its key: `perdure.config.yaml:3: temporal.address`. */
  placeOf(path: Path): string;
}

/**
 * The file that `PERDURE_CONFIG` names, else `perdure.config.yaml` in the folder. Undefined if
 * neither exists. Throws `ConfigError` with a line for each mistake in it.
 */
export function findConfigFile(environment: NodeJS.ProcessEnv, folder: string): ConfigFile | undefined {
  const { PERDURE_CONFIG: given = '' } = environment;
  if (given === NO_FILE) return undefined;
  const path = resolve(folder, given === '' ? CONFIG_FILE : given);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (given === '' && code === 'ENOENT') return undefined;
    const name = given === '' ? CONFIG_FILE : `PERDURE_CONFIG: ${given}`;
    throw new ConfigError(`${name} cannot be read (${code})`);
  }
  const shown = relative(folder, path);
  return parseConfig(text, shown.startsWith('..') ? path : shown, dirname(path));
}

/** Reads the text of a file. Throws `ConfigError` with a line for each mistake. */
export function parseConfig(text: string, name: string, folder: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    throw new ConfigError(
      errors.map(({ pos, message }) => `${name}:${lineAt(pos[0])}: ${message}`).join('\n'),
    );
  }
  const lineOf = (path: Path) => `${name}:${lineAt(offsetOf(document.contents, path))}`;
  const placeOf = (path: Path) => [lineOf(path), ...(path.length > 0 ? [path.join('.')] : [])].join(': ');
  const parsed = configSchema.safeParse(valueOf(document, name));
  if (parsed.success)
    return { name, folder, values: parsed.data, has: (path) => document.hasIn(path), lineOf, placeOf };
  const mistakes = parsed.error.issues.flatMap(mistakesIn);
  const inOrder = mistakes.toSorted(
    (one, other) => offsetOf(document.contents, one.path) - offsetOf(document.contents, other.path),
  );
  throw new ConfigError(inOrder.map(({ path, message }) => `${placeOf(path)}: ${message}`).join('\n'));
}

function valueOf(document: Document, name: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that would become very many values.
    throw new ConfigError(`${name}: ${(error as Error).message}`);
  }
}

function mistakesIn(issue: z.core.$ZodIssue): readonly { readonly path: Path; readonly message: string }[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message }));
  }
  const [nested] = issue.code === 'invalid_key' ? issue.issues : [];
  return [{ path, message: nested?.message ?? message }];
}

/** Where the key of a value starts. If it is missing: where that in which it is missing starts. */
function offsetOf(contents: Node | null, path: Path): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
