import { openServers } from '#tools/dev-stack/test-stack.js';

export default openServers;
