import { openServices } from '#libs/dev-stack/test-stack.js';

export default openServices;
