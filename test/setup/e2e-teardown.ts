import { closeStack } from '#tools/dev-stack/test-stack.js';

export default closeStack;
