import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { oneLine } from '#libs/core/one-line.js';
import { isExactNumber } from './json-number.js';
import { showTooDeep } from './limit-metrics.js';

const MAX_DEPTH = 32;
const LONGEST_QUOTE = 40;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[\x20\x21\x23-\x5b\x5d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Parses JSON strictly (I-JSON, RFC 7493), as amounts of money require. Rejects duplicate keys,
 * lone surrogates, numbers that a double would change, keys that reach a prototype, and more than
 * 32 levels of nesting. The problem that it throws describes the fault and its position.
 */
export function parseStrictJson(text: string): unknown {
  const parser = new StrictJsonParser(text);
  return parser.parse();
}

/** Parses the bytes of a body, which have to be UTF-8. Undefined if it is blank. */
export function parseJsonBytes(bytes: Buffer): unknown {
  const text = decoded(bytes);
  return text.trim() === '' ? undefined : parseStrictJson(text);
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError(problems.malformedJson, 'the body is not UTF-8');
  }
}

function quote(text: string): string {
  return text.length > LONGEST_QUOTE ? `${oneLine(text, LONGEST_QUOTE)}…` : text;
}

class StrictJsonParser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): unknown {
    const value = this.value(0);
    this.skip();
    if (this.at < this.text.length) throw this.bad('unexpected text after the value');
    return value;
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) {
      showTooDeep();
      throw this.bad(`nested deeper than ${MAX_DEPTH}`);
    }
    this.skip();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      default:
        return this.scalar();
    }
  }

  private object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.at += 1;
    if (this.isNext('}')) return object;
    do {
      this.skip();
      const key = this.string();
      if (FORBIDDEN_KEYS.has(key)) throw this.bad(`the key ${key} is not allowed`);
      if (Object.hasOwn(object, key)) throw this.bad(`the key ${quote(key)} occurs twice`);
      if (!this.isNext(':')) throw this.bad('expected a colon');
      object[key] = this.value(depth + 1);
    } while (this.isNext(','));
    if (!this.isNext('}')) throw this.bad('expected a comma or a closing brace');
    return object;
  }

  private array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.at += 1;
    if (this.isNext(']')) return array;
    do array.push(this.value(depth + 1));
    while (this.isNext(','));
    if (!this.isNext(']')) throw this.bad('expected a comma or a closing bracket');
    return array;
  }

  private string(): string {
    const token = this.token(STRING);
    if (token === undefined) throw this.bad('expected a string');
    const value = JSON.parse(token) as string;
    if (LONE_SURROGATE.test(value)) throw this.bad('a string contains a lone surrogate');
    return value;
  }

  private scalar(): unknown {
    const literal = this.token(LITERAL);
    if (literal !== undefined) return JSON.parse(literal) as unknown;
    const number = this.token(NUMBER);
    if (number === undefined) throw this.bad('expected a value');
    if (!isExactNumber(number)) throw this.bad(`the number ${quote(number)} would be changed by reading it`);
    return Number(number);
  }

  private isNext(character: string): boolean {
    this.skip();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skip(): void {
    this.token(SPACE);
  }

  private token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    return found;
  }

  private bad(what: string): Error {
    return new ProblemError(problems.malformedJson, `${what} (at character ${this.at})`);
  }
}
