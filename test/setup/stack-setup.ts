import { openServers } from '#libs/dev-stack/test-stack.js';

export default openServers;
