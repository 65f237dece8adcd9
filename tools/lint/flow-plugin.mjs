// The rules for flow code that the linter does not have itself. flow-rules.json switches them on,
// and docs/flow-determinism.md gives the reason of each. Each rule reads one file at a time.

const words = (text) => new Set(text.split(' '));

const mutators = words('add clear copyWithin delete fill pop push reverse set shift sort splice unshift');
const collections = words('Array Map Set WeakMap WeakSet');
const readonlyTypes = words('Readonly ReadonlyArray ReadonlyMap ReadonlySet');
const objectMutators = words('assign defineProperties defineProperty setPrototypeOf');

/** The methods of lists that call a function for each item. */
const iterators = words('every filter find findIndex flatMap forEach map reduce some');

/** The methods of `f` and of its handles that return a promise. */
const promising = words('all ask call cancel each race receive send shield sleep spawn start until');

const wrappers = words('ChainExpression TSAsExpression TSNonNullExpression TSSatisfiesExpression');

function unwrapped(node) {
  return node && wrappers.has(node.type) ? unwrapped(node.expression) : node;
}

function isNamed(node, names) {
  return node?.type === 'Identifier' && names.has(node.name);
}

/** Whether the compiler already forbids changes: `readonly string[]`, `ReadonlySet<string>`. */
function isReadonly(annotation) {
  const type = annotation?.typeAnnotation;
  if (type?.type === 'TSTypeOperator') return type.operator === 'readonly';
  return isNamed(type?.typeName, readonlyTypes);
}

/** The longest chain of properties from an identifier: `limits.perDay[0]` from `limits`. */
function chainFrom(node) {
  const { parent } = node;
  const isLonger = parent.type === 'MemberExpression' && parent.object === node;
  return isLonger || wrappers.has(parent.type) ? chainFrom(parent) : node;
}

/** Whether an identifier is used to change what it refers to. */
function isChanged(identifier, { isImport, init }) {
  const chain = chainFrom(identifier);
  const { parent } = chain;
  if (parent.type === 'CallExpression' && parent.arguments.includes(chain)) {
    const { object, property } = unwrapped(parent.callee);
    return object?.name === 'Object' && isNamed(property, objectMutators);
  }
  if (chain === identifier) return false;
  if (parent.type === 'AssignmentExpression') return parent.left === chain;
  if (parent.type === 'UpdateExpression') return true;
  if (parent.type === 'UnaryExpression') return parent.operator === 'delete';
  if (parent.type !== 'CallExpression' || parent.callee !== chain || isImport) return false;
  const { property } = unwrapped(chain);
  const isStateful = /[gy]/.test(init?.regex?.flags ?? '');
  return isNamed(property, mutators) || (isStateful && /^(exec|test)$/.test(property.name));
}

const noModuleState = {
  meta: {
    type: 'problem',
    messages: {
      variable:
        'A variable outside the function is not part of the history. Declare it inside the function; keep what must survive in the input, or in the state of f.continueWith.',
      collection:
        'A collection outside the function can change and is not part of the history. Create it inside the function, or declare it as ReadonlySet, ReadonlyMap or a readonly array.',
      change:
        "'{{name}}' is declared outside the function, so changing it is not part of the history. Copy it into the function first.",
      static:
        'A static field that can change is not part of the history. Make it readonly, or a variable inside the function.',
    },
    schema: [],
  },
  create(context) {
    const declared = ({ kind, declarations }) => {
      for (const { id, init } of declarations) {
        const value = unwrapped(init);
        const creates = /^(New|Call)Expression$/.test(value?.type) && isNamed(value.callee, collections);
        if (kind === 'let' || kind === 'var') context.report({ node: id, messageId: 'variable' });
        else if (creates && !isReadonly(id.typeAnnotation)) {
          context.report({ node: id, messageId: 'collection' });
        }
      }
    };
    const used = ({ defs, name, references }) => {
      const isImport = defs[0]?.type === 'ImportBinding';
      const init = unwrapped(defs[0]?.node?.init);
      for (const { identifier } of references) {
        if (!isChanged(identifier, { isImport, init })) continue;
        context.report({ node: identifier, messageId: 'change', data: { name } });
      }
    };
    return {
      Program(program) {
        for (const statement of program.body) {
          const node = statement.declaration ?? statement;
          if (node.type === 'VariableDeclaration' && !node.declare) declared(node);
        }
        const [module] = context.sourceCode.scopeManager.globalScope.childScopes;
        module.variables.forEach(used);
      },
      PropertyDefinition(node) {
        if (node.static && !node.readonly) context.report({ node, messageId: 'static' });
      },
    };
  },
};

const allowedImports = {
  meta: {
    type: 'problem',
    messages: {
      value:
        "Flow code may not import '{{name}}'. It may import {{allowed}}; everything else is done by f.call, or by a command with f.entity(…).send.",
      type: "Flow code may import only types from '{{name}}'. Write: import type.",
      computed: 'Flow code may not load modules while it runs. Import at the top of the file.',
    },
    schema: [
      {
        type: 'object',
        properties: {
          allow: { type: 'array', items: { type: 'string' } },
          allowTypes: { type: 'array', items: { type: 'string' } },
          allowed: { type: 'string' },
        },
        required: ['allow', 'allowTypes', 'allowed'],
        additionalProperties: false,
      },
    ],
  },
  create(context) {
    const [{ allow, allowTypes, allowed }] = context.options;
    const matches = (patterns, name) => patterns.some((pattern) => new RegExp(pattern).test(name));
    const check = ({ source, importKind, exportKind }) => {
      if (!source || matches(allow, source.value)) return;
      const ofTypes = matches(allowTypes, source.value);
      if (ofTypes && (importKind ?? exportKind) === 'type') return;
      const data = { name: source.value, allowed };
      context.report({ node: source, messageId: ofTypes ? 'type' : 'value', data });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: (node) => context.report({ node, messageId: 'computed' }),
    };
  },
};

/** `f.call(…)`, `f.entity(…).send(…)`: the name at the beginning of a chain of calls. */
function rootOf(node) {
  const inner = unwrapped(node);
  if (inner.type === 'CallExpression') return rootOf(inner.callee);
  return inner.type === 'MemberExpression' ? rootOf(inner.object) : inner;
}

/** Whether a function is called for each item of a list, as in `items.map((item) => …)`. */
function isForEachItem(node) {
  const { parent } = node;
  if (parent.type !== 'CallExpression' || !parent.arguments.includes(node)) return false;
  const { property } = unwrapped(parent.callee);
  return isNamed(property, iterators) && rootOf(parent.callee).name !== 'f';
}

/** Whether a promise is awaited or returned. Other rules report one that is dropped, and `then`. */
function isAwaited(node) {
  const { parent } = node;
  if (parent.type === 'ConditionalExpression') return parent.test !== node && isAwaited(parent);
  if (parent.type === 'LogicalExpression' || wrappers.has(parent.type)) return isAwaited(parent);
  if (parent.type === 'UnaryExpression') return parent.operator === 'void';
  if (parent.type === 'ArrowFunctionExpression') return !isForEachItem(parent);
  return /^(AwaitExpression|ReturnStatement|ExpressionStatement|MemberExpression)$/.test(parent.type);
}

/** The async function of this file that an identifier names. */
function isAsyncFunction(identifier, scope) {
  const variable = scope?.variables.find(({ name }) => name === identifier.name);
  if (!variable) return scope !== null && isAsyncFunction(identifier, scope.upper);
  const { node } = variable.defs[0] ?? {};
  return (node?.type === 'FunctionDeclaration' ? node : node?.init)?.async === true;
}

const awaitAtOnce = {
  meta: {
    type: 'problem',
    messages: {
      late: 'Await this where it is called. To run several at once, make each a branch: f.all({ a: (f) => … }), f.race or f.each.',
      list: 'This would start all at once and keep only their promises. Use f.each, or a loop with await.',
    },
    schema: [],
  },
  create(context) {
    const promises = (node) => {
      const callee = unwrapped(node.callee);
      if (callee.type === 'MemberExpression') {
        return isNamed(callee.property, promising) && rootOf(callee).name === 'f';
      }
      return callee.type === 'Identifier' && isAsyncFunction(callee, context.sourceCode.getScope(node));
    };
    const checkFunction = (node) => {
      if (node.async && isForEachItem(node)) context.report({ node, messageId: 'list' });
    };
    return {
      CallExpression(node) {
        if (promises(node) && !isAwaited(node)) context.report({ node, messageId: 'late' });
      },
      ArrowFunctionExpression: checkFunction,
      FunctionExpression: checkFunction,
    };
  },
};

export default {
  meta: { name: 'flow' },
  rules: {
    'allowed-imports': allowedImports,
    'await-at-once': awaitAtOnce,
    'no-module-state': noModuleState,
  },
};
