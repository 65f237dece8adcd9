import { closeStack } from '#libs/dev-stack/test-stack.js';

export default closeStack;
